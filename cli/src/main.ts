import { createProgram } from "./program.ts";
import { exitCode, printFailure } from "./terminal/failure.ts";

const program = createProgram();
try {
  await program.parseAsync(process.argv);
  process.exit();
} catch (error) {
  printFailure(error, program.opts<{ json?: boolean }>().json === true);
  process.exit(exitCode(error));
}
