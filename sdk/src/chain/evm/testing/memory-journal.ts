import type { Json } from "../action-json.ts";
import type { OutboxJournal } from "../outbox-journal.ts";

interface Entry {
  readonly key: string;
  readonly kind: string;
  readonly payload: Json;
  state: "pending" | "complete";
  result: Json;
}

/** A journal that lasts as long as the test. */
export class MemoryJournal implements OutboxJournal {
  readonly #entries = new Map<string, Entry>();

  intend(key: string, kind: string, payload: Json): Entry {
    const entry = this.#entries.get(key) ?? { key, kind, payload, state: "pending", result: null };
    this.#entries.set(key, entry);
    return entry;
  }

  complete(key: string, result: Json): Entry {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`there is no intent ${key}`);
    if (entry.state === "pending") Object.assign(entry, { state: "complete", result });
    return entry;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  pending(kind?: string): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.state === "pending" && (kind === undefined || entry.kind === kind));
  }

  list(kind: string): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.kind === kind);
  }

  /** What a process finds that starts when this one has been killed. */
  copy(): MemoryJournal {
    const copy = new MemoryJournal();
    for (const [key, entry] of this.#entries) copy.#entries.set(key, { ...entry });
    return copy;
  }

  atomically<T>(write: () => T): T {
    return write();
  }
}
