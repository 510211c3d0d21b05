/** Installs podman and docker where they are missing, then runs the tests that need it. */
import { runMocha } from "../testing/mocha.ts";
import { requireEngines } from "./install.ts";

requireEngines(console.log);
runMocha(process.argv.slice(2));
