#include "wordpiece.h"

#include "../common/io.h"
#include "tokenizer.h"

enum { UNKNOWN = 100, EMPTY = 0xffff };

static const u32 FNV_START = 2166136261u, FNV_PRIME = 16777619u;
static const u8 MAGIC[] = "infernet minilm 1\n";

static model_vocab vocab;

void load_vocab(i32 model_fd) {
  read_model(model_fd, &vocab, sizeof vocab, VOCAB_AT);
  for (u32 i = 0; i < sizeof MAGIC - 1; i++)
    if (vocab.magic[i] != MAGIC[i]) fail("the model file is not a minilm.bin of this version");
}

void word_clear(word *w) { w->length = w->chars = 0; }

void word_append(word *w, u32 c) {
  if (++w->chars > WORD_CHARS) return;
  u8 *out = w->bytes + w->length;
  if (c < 0x80) {
    out[0] = (u8)c;
    w->length += 1;
  } else if (c < 0x800) {
    out[0] = (u8)(0xc0 | c >> 6);
    out[1] = (u8)(0x80 | (c & 63));
    w->length += 2;
  } else if (c < 0x10000) {
    out[0] = (u8)(0xe0 | c >> 12);
    out[1] = (u8)(0x80 | (c >> 6 & 63));
    out[2] = (u8)(0x80 | (c & 63));
    w->length += 3;
  } else {
    out[0] = (u8)(0xf0 | c >> 18);
    out[1] = (u8)(0x80 | (c >> 12 & 63));
    out[2] = (u8)(0x80 | (c >> 6 & 63));
    out[3] = (u8)(0x80 | (c & 63));
    w->length += 4;
  }
}

static i32 is_token(u32 id, u32 prefix, const u8 *bytes, u32 length) {
  const u8 *token = vocab.bytes + vocab.offsets[id];
  if (vocab.offsets[id + 1] - vocab.offsets[id] != prefix + length) return 0;
  for (u32 i = 0; i < prefix; i++)
    if (token[i] != '#') return 0;
  for (u32 i = 0; i < length; i++)
    if (token[prefix + i] != bytes[i]) return 0;
  return 1;
}

static i32 find_token(u32 hash, u32 prefix, const u8 *bytes, u32 length) {
  for (u32 slot = hash >> 16; vocab.slots[slot] != EMPTY; slot = (slot + 1) % VOCAB_SLOTS)
    if (is_token(vocab.slots[slot], prefix, bytes, length)) return vocab.slots[slot];
  return -1;
}

// The longest token that starts the rest of a word ("##" stands before it inside the vocabulary unless it begins
// the word). Tokens are whole UTF-8 sequences, so a match of bytes cannot end inside a character.
static i32 longest_token(const u8 *bytes, u32 left, i32 continues, u32 *length) {
  u32 hashes[LONGEST_TOKEN + 1], prefix = continues ? 2 : 0;
  u32 longest = left < LONGEST_TOKEN - prefix ? left : LONGEST_TOKEN - prefix;
  hashes[0] = FNV_START;
  for (u32 i = 0; i < prefix; i++) hashes[0] = (hashes[0] ^ '#') * FNV_PRIME;
  for (u32 i = 0; i < longest; i++) hashes[i + 1] = (hashes[i] ^ bytes[i]) * FNV_PRIME;
  for (*length = longest; *length > 0; --*length) {
    i32 id = find_token(hashes[*length], prefix, bytes, *length);
    if (id >= 0) return id;
  }
  return -1;
}

u32 word_pieces(const word *w, u16 pieces[WORD_CHARS]) {
  u32 count = 0;
  pieces[0] = UNKNOWN;
  if (w->chars > WORD_CHARS) return 1;
  for (u32 at = 0; at < w->length;) {
    u32 length;
    i32 id = longest_token(w->bytes + at, w->length - at, at > 0, &length);
    if (id < 0) {
      pieces[0] = UNKNOWN;
      return 1;
    }
    pieces[count++] = (u16)id;
    at += length;
  }
  return count;
}
