#include "tokenizer.h"

#include "unicode.h"
#include "wordpiece.h"

enum { PAD = 0, UNK = 100, CLS = 101, SEP = 102, MASK = 103 };

// A special token written out in the text is that token, as in the reference; it is matched before any cleaning.
static const struct {
  char name[5];  // what follows "[", up to and with "]"
  u16 id;
} SPECIAL[] = {{"PAD]", PAD}, {"UNK]", UNK}, {"CLS]", CLS}, {"SEP]", SEP}, {"MASK]", MASK}};

typedef struct {
  u16 *ids;
  u32 count;
  word word;
} sequence;

// The last place is kept for [SEP].
static i32 is_full(const sequence *s) { return s->count == MAX_TOKENS - 1; }

static void put_id(sequence *s, u16 id) {
  if (!is_full(s)) s->ids[s->count++] = id;
}

static void end_word(sequence *s) {
  u16 pieces[WORD_CHARS];
  u32 n = word_pieces(&s->word, pieces);
  for (u32 i = 0; i < n; i++) put_id(s, pieces[i]);
  word_clear(&s->word);
}

static void put_char(sequence *s, u32 c) {
  i32 isolate = unicode_value(c) == UNICODE_ISOLATE;
  if (isolate) end_word(s);
  word_append(&s->word, c);
  if (isolate) end_word(s);
}

static void put_raw(sequence *s, u32 c) {
  u32 jamo[3], n = hangul_jamo(c, jamo), value = unicode_value(c);
  if (n > 0) {
    for (u32 i = 0; i < n; i++) put_char(s, jamo[i]);
  } else if (value >= UNICODE_FIRST_MAP) {
    const u32 *map = unicode_maps + 3 * (value - UNICODE_FIRST_MAP);
    for (u32 i = 0; i < 3 && map[i]; i++) put_char(s, map[i]);
  } else if (value == UNICODE_SPACE) {
    end_word(s);
  } else if (value != UNICODE_DROP) {
    put_char(s, c);
  }
}

// With "[" just read: consumes the rest of a special token and returns 1, or leaves the text as it is.
static i32 take_special(json_span *text, u16 *id) {
  for (u32 i = 0; i < sizeof SPECIAL / sizeof SPECIAL[0]; i++) {
    json_span ahead = *text;
    u32 same = 0;
    while (same < sizeof SPECIAL[i].name && SPECIAL[i].name[same] && json_next(&ahead) == SPECIAL[i].name[same]) same++;
    if (same < sizeof SPECIAL[i].name && SPECIAL[i].name[same]) continue;
    *text = ahead;
    *id = SPECIAL[i].id;
    return 1;
  }
  return 0;
}

u32 tokenize(json_span text, u16 ids[MAX_TOKENS]) {
  sequence s = {.ids = ids};
  i32 c;
  u16 special;
  put_id(&s, CLS);
  while (!is_full(&s) && (c = json_next(&text)) != JSON_STRING_END) {
    if (c == '[' && take_special(&text, &special)) {
      end_word(&s);
      put_id(&s, special);
    } else {
      put_raw(&s, (u32)c);
    }
  }
  end_word(&s);
  ids[s.count++] = SEP;
  return s.count;
}
