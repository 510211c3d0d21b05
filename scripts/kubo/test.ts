/** Builds Kubo where it is missing, then runs the tests that need it. */
import { runMocha } from "../testing/mocha.ts";
import { requireKubo } from "./build.ts";

await requireKubo(console.log);
runMocha(process.argv.slice(2));
