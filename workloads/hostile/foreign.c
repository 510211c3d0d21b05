// Wants a function that is no part of WASI: it must not even be instantiated.
#include "lines.h"

__attribute__((import_module("env"), import_name("system"))) i32 foreign_system(const char *command);

void _start(void) {
  foreign_system("id");
  put_results(count_lines());
  flush_output();
}
