#include "json.h"

enum { MAX_DEPTH = 64, REPLACEMENT = 0xfffd };

static i32 skip_value(json_span *s, i32 depth);

void json_skip_space(json_span *s) {
  while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n')) s->at++;
}

static i32 peek(const json_span *s) { return s->at < s->end ? *s->at : -1; }

static i32 take(json_span *s, i32 c) {
  if (peek(s) != c) return 0;
  s->at++;
  return 1;
}

static i32 hex4(const u8 *at) {
  i32 value = 0;
  for (i32 i = 0; i < 4; i++) {
    u32 c = at[i], low = c | 0x20;
    if (c - '0' < 10) value = value * 16 + (i32)(c - '0');
    else if (low - 'a' < 6) value = value * 16 + (i32)(low - 'a' + 10);
    else return -1;
  }
  return value;
}

// Length of one well-formed UTF-8 sequence (Unicode 15, table 3-7), 0 when malformed.
static u32 utf8_length(const u8 *at, const u8 *end) {
  u32 a = at[0], left = (u32)(end - at);
  if (a < 0x80) return 1;
  u32 n = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
  if (a < 0xc2 || a > 0xf4 || left < n) return 0;
  for (u32 i = 1; i < n; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  u32 b = at[1];
  if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f)) return 0;
  return n;
}

static i32 skip_string(json_span *s) {
  if (!take(s, '"')) return 0;
  while (s->at < s->end) {
    u32 c = *s->at;
    if (c == '"') return s->at++, 1;
    if (c < 0x20) return 0;
    if (c != '\\') {
      u32 n = utf8_length(s->at, s->end);
      if (n == 0) return 0;
      s->at += n;
      continue;
    }
    if (s->end - s->at < 2) return 0;
    switch (s->at[1]) {
      case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        s->at += 2;
        break;
      case 'u':
        if (s->end - s->at < 6 || hex4(s->at + 2) < 0) return 0;
        s->at += 6;
        break;
      default:
        return 0;
    }
  }
  return 0;
}

static i32 skip_digits(json_span *s) {
  const u8 *from = s->at;
  while (s->at < s->end && (u32)(*s->at - '0') < 10) s->at++;
  return s->at > from;
}

static i32 skip_number(json_span *s) {
  take(s, '-');
  if (!take(s, '0') && !skip_digits(s)) return 0;
  if (take(s, '.') && !skip_digits(s)) return 0;
  if (take(s, 'e') || take(s, 'E')) {
    if (!take(s, '+')) take(s, '-');
    if (!skip_digits(s)) return 0;
  }
  return 1;
}

static i32 skip_word(json_span *s, const char *word) {
  for (; *word; word++)
    if (!take(s, *word)) return 0;
  return 1;
}

static i32 skip_array(json_span *s, i32 depth) {
  take(s, '[');
  json_skip_space(s);
  if (take(s, ']')) return 1;
  for (;;) {
    if (!skip_value(s, depth)) return 0;
    json_skip_space(s);
    if (take(s, ']')) return 1;
    if (!take(s, ',')) return 0;
  }
}

// Compares a member name, escapes decoded, with an ASCII key.
static i32 is_key(json_span name, const char *key) {
  json_span content;
  json_string(name, &content);
  for (;; key++) {
    i32 c = json_next(&content);
    if (c == JSON_STRING_END) return *key == 0;
    if (*key == 0 || c != (i32)*key) return 0;
  }
}

// Skips an object; with a key, also remembers where the value of that member stands.
static i32 skip_object(json_span *s, i32 depth, const char *key, json_span *value) {
  if (!take(s, '{')) return 0;
  json_skip_space(s);
  if (take(s, '}')) return 1;
  for (;;) {
    json_skip_space(s);
    json_span name = {s->at, s->at};
    if (!skip_string(s)) return 0;
    name.end = s->at;
    json_skip_space(s);
    if (!take(s, ':')) return 0;
    json_skip_space(s);
    const u8 *from = s->at;
    if (!skip_value(s, depth)) return 0;
    if (key && is_key(name, key)) *value = (json_span){from, s->at};
    json_skip_space(s);
    if (take(s, '}')) return 1;
    if (!take(s, ',')) return 0;
  }
}

static i32 skip_value(json_span *s, i32 depth) {
  if (depth >= MAX_DEPTH) return 0;
  json_skip_space(s);
  switch (peek(s)) {
    case '"': return skip_string(s);
    case '{': return skip_object(s, depth + 1, 0, 0);
    case '[': return skip_array(s, depth + 1);
    case 't': return skip_word(s, "true");
    case 'f': return skip_word(s, "false");
    case 'n': return skip_word(s, "null");
    default: return skip_number(s);
  }
}

i32 json_member(const u8 *line, u32 length, const char *key, json_span *value) {
  json_span s = {line, line + length};
  *value = (json_span){0, 0};
  json_skip_space(&s);
  if (!skip_object(&s, 1, key, value)) return 0;
  json_skip_space(&s);
  return s.at == s.end && value->at != 0;
}

i32 json_string(json_span value, json_span *content) {
  if (peek(&value) != '"') return 0;
  *content = (json_span){value.at + 1, value.end - 1};
  return 1;
}

static i32 next_escape(json_span *s) {
  u32 kind = s->at[1];
  s->at += 2;
  switch (kind) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': break;
    default: return (i32)kind;
  }
  i32 high = hex4(s->at);
  s->at += 4;
  if (high < 0xd800 || high > 0xdfff) return high;
  if (high < 0xdc00 && s->end - s->at >= 6 && s->at[0] == '\\' && s->at[1] == 'u') {
    i32 low = hex4(s->at + 2);
    if (low >= 0xdc00 && low <= 0xdfff) {
      s->at += 6;
      return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
  }
  return REPLACEMENT;
}

i32 json_next(json_span *s) {
  if (s->at >= s->end) return JSON_STRING_END;
  u32 a = s->at[0];
  if (a == '\\') return next_escape(s);
  u32 n = utf8_length(s->at, s->end);
  u32 value = n == 1 ? a : a & (0xffu >> (n + 1));
  for (u32 i = 1; i < n; i++) value = value << 6 | (s->at[i] & 0x3f);
  s->at += n;
  return (i32)value;
}
