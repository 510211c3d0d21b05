import type { Libp2pEvents, Startable, TypedEventTarget } from "@libp2p/interface";
import { isPublic } from "./public-addresses.ts";

interface Components {
  readonly events: TypedEventTarget<Libp2pEvents>;
}

/** Runs a service only while this host has a public address that AutoNAT or its operator vouches for. */
export function whenReachable<C extends object>(create: (components: C) => unknown): (components: C & Components) => Startable {
  return (components) => {
    let service: Startable | undefined;
    let changing = Promise.resolve();
    const set = (on: boolean) => {
      changing = changing
        .then(async () => {
          if (on === (service !== undefined)) return;
          const before = service;
          // A service that has been stopped stays so: the next time takes another.
          service = on ? (create(components) as Startable) : undefined;
          await (service === undefined ? before!.stop() : service.start());
        })
        .catch(() => {});
    };
    const onUpdate = ({ detail }: Libp2pEvents["self:peer:update"]) => set(detail.peer.addresses.some(({ multiaddr }) => isPublic(multiaddr)));
    return {
      start() {
        components.events.addEventListener("self:peer:update", onUpdate);
      },
      async stop() {
        components.events.removeEventListener("self:peer:update", onUpdate);
        set(false);
        await changing;
      },
    };
  };
}
