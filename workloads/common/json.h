// A strict JSON reader for one line: RFC 8259 grammar, valid UTF-8, bounded depth, no allocation.
#ifndef INFERNET_JSON_H
#define INFERNET_JSON_H

#include "types.h"

// A position inside a line; also the raw span of a value.
typedef struct {
  const u8 *at;
  const u8 *end;
} json_span;

// Checks the whole line and finds a member of its top-level object. A member that stands twice
// counts with its last value, as in JSON.parse.
// Returns 1 and the raw span of the value, 0 when the line is no JSON object or has no such member.
i32 json_member(const u8 *line, u32 length, const char *key, json_span *value);

enum { JSON_STRING_END = -1 };

// Decodes the next code point of a string's raw content (see json_string). A lone surrogate escape gives U+FFFD,
// as it does wherever JavaScript strings become UTF-8.
i32 json_next(json_span *content);

// Turns the raw span of a string value into the span of its content, without the quotes. 0 when it is no string.
i32 json_string(json_span value, json_span *content);

void json_skip_space(json_span *span);

#endif
