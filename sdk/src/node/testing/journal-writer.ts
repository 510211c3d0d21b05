// Writes to a journal until it is killed, saying on stdout what it has written. For tests.
import { writeSync } from "node:fs";
import { Journal } from "../journal.ts";

const [path, round] = process.argv.slice(2) as [string, string];
const journal = new Journal(path);
for (let i = 0; ; i++) {
  const key = `${round}:${i}`;
  journal.intend(key, "test", { key });
  writeSync(1, `${key} pending\n`);
  journal.complete(key, `result of ${key}`);
  writeSync(1, `${key} complete\n`);
}
