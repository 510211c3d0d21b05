// The layout of minilm.bin, little endian, written by convert.ts. Sections stand in the order in which they are
// read, each straight into one of these structures; the word embeddings come last because only the rows of
// words that occur are read.
#ifndef INFERNET_MODEL_FILE_H
#define INFERNET_MODEL_FILE_H

#include "../common/types.h"

enum {
  WIDTH = 384,
  HEADS = 12,
  HEAD_WIDTH = WIDTH / HEADS,
  INNER = 1536,
  LAYERS = 6,
  MAX_TOKENS = 256,
  VOCAB_SIZE = 30522,
  VOCAB_SLOTS = 1 << 16,
  VOCAB_BYTES = 200986,  // all tokens, one after another
  LONGEST_TOKEN = 18,
  PANEL = 8,  // columns of a weight matrix that lie together
};

typedef struct __attribute__((aligned(64))) {
  u8 magic[64];
  // Open addressing by the top 16 bits of FNV-1a over a token's bytes ("##" included), linear probing; 0xffff = empty.
  u16 slots[VOCAB_SLOTS];
  u32 offsets[VOCAB_SIZE + 1];
  u8 bytes[VOCAB_BYTES];
} model_vocab;

// A dense layer. Its matrix stands in the order of use: for each block of WIDTH inputs, for each panel of 8 outputs,
// for each input of the block, its 8 weights.
#define DENSE(name, inputs, outputs)             \
  float name##_weight[(inputs) * (outputs)];     \
  float name##_bias[outputs]

typedef struct {
  float gain[WIDTH];
  float bias[WIDTH];
} model_norm;

typedef struct {
  DENSE(qkv, WIDTH, 3 * WIDTH);
  DENSE(merge, WIDTH, WIDTH);
  model_norm attention_norm;
  DENSE(up, WIDTH, INNER);
  DENSE(down, INNER, WIDTH);
  model_norm output_norm;
} model_layer;

typedef struct __attribute__((aligned(64))) {
  // Position embeddings with the embedding of token type 0 already added.
  float position[MAX_TOKENS][WIDTH];
  model_norm embedding_norm;
  model_layer layers[LAYERS];
} model_encoder;

#define VOCAB_AT 0
#define ENCODER_AT ((u64)sizeof(model_vocab))
#define WORDS_AT (ENCODER_AT + sizeof(model_encoder))
#define ROW_BYTES (WIDTH * sizeof(float))

#endif
