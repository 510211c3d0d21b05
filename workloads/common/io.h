// Lines in, lines out, and the read-only model directory.
#ifndef INFERNET_IO_H
#define INFERNET_IO_H

#include "types.h"

// Longest accepted input line without its "\n". A longer line is still one item, of kind LINE_TOO_LONG.
enum { LINE_MAX = 1 << 20 };

typedef enum { LINE_END, LINE_OK, LINE_TOO_LONG } line_kind;

// Reads the next line of stdin. The bytes stay valid until the next call.
line_kind read_line(const u8 **bytes, u32 *length);

// Buffered stdout. Every module ends with flush_output().
void put_bytes(const u8 *bytes, u32 length);
void put_text(const char *text);
void put_number(u32 value);
void flush_output(void);

// The result of an item that cannot be understood; the same line for every workload.
void put_bad_input(void);

// Opens a file of the directory that the host mounted as /model. Ends the process when it is missing:
// that is a fault of the host, never of the input.
i32 open_model(const char *name);

// Reads exactly `length` bytes at `offset`, straight to their final place; ends the process otherwise.
void read_model(i32 fd, void *into, u32 length, u64 offset);

// Says why on stderr and ends the process with a non-zero code.
__attribute__((noreturn)) void fail(const char *reason);

#endif
