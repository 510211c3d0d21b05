export { Announcer, type AnnouncerOptions, type SelfDescription } from "./announcer.ts";
export { CLOCK_SKEW, Judge, type JudgeOptions, type Refusal, type Verdict } from "./judge.ts";
export { KnownAnnouncements, type KnownAnnouncement } from "./known.ts";
export { AnnouncementNetwork, type AnnouncementNetworkOptions } from "./network.ts";
export { listProtocol } from "./protocol.ts";
export { Standings, type Standing } from "./standing.ts";
export { announcementsTopic, realmOf, type Realm } from "./topic.ts";
