#include "attention.h"

enum { STRIDE = 3 * WIDTH, QUERY = 0, KEY = WIDTH, VALUE = 2 * WIDTH };

static const float SCALE = 0.17677669f;  // 1/√32
static const float LOWEST = -3.0e38f;

static float keys[MAX_TOKENS * HEAD_WIDTH], values[MAX_TOKENS * HEAD_WIDTH];
static float scores[MAX_TOKENS + TILE][MAX_TOKENS];

// Keys transposed: the tokens are the columns, in panels; missing columns of the last panel are zero.
static void pack_keys(const float *key, u32 length) {
  for (u32 t = 0; t < length; t += PANEL)
    for (u32 i = 0; i < HEAD_WIDTH; i++)
      for (u32 c = 0; c < PANEL; c++) keys[t * HEAD_WIDTH + i * PANEL + c] = t + c < length ? key[(t + c) * STRIDE + i] : 0;
}

static void pack_values(const float *value, u32 length) {
  for (u32 n = 0; n < HEAD_WIDTH; n += PANEL)
    for (u32 t = 0; t < length; t++) {
      float *to = values + n * length + t * PANEL;
      f4_store(to, f4_load(value + t * STRIDE + n));
      f4_store(to + 4, f4_load(value + t * STRIDE + n + 4));
    }
}

// Turns a row of scores into e^(scale·(score − largest)); returns the inverse of their sum.
static float soften(float *row, u32 length) {
  u32 padded = (length + 3) / 4 * 4;
  for (u32 i = length; i < padded; i++) row[i] = LOWEST;
  f4 largest = f4_load(row), sum = f4_splat(0);
  for (u32 i = 4; i < padded; i += 4) largest = f4_max(largest, f4_load(row + i));
  f4 highest = f4_splat(f4_largest(largest)), scale = f4_splat(SCALE);
  for (u32 i = 0; i < padded; i += 4) {
    f4 e = f4_exp(f4_mul(f4_sub(f4_load(row + i), highest), scale));
    f4_store(row + i, e);
    // The lanes behind the text add about 1e-38 each, which vanishes beside the 1 of the largest score.
    sum = f4_add(sum, e);
  }
  return 1.0f / f4_sum(sum);
}

static void attend_head(const float *qkv, u32 length, float *context) {
  f4 zero = f4_splat(0);
  float inverse[MAX_TOKENS + TILE];
  pack_keys(qkv + KEY, length);
  pack_values(qkv + VALUE, length);
  for (u32 row = 0; row < length; row += TILE)
    for (u32 n = 0; n < length; n += PANEL) {
      tile t = multiply_tile(qkv + QUERY + row * STRIDE, STRIDE, keys + n * HEAD_WIDTH, HEAD_WIDTH, zero, zero);
      for (u32 r = 0; r < TILE; r++) {
        f4_store(&scores[row + r][n], t.left[r]);
        f4_store(&scores[row + r][n + 4], t.right[r]);
      }
    }
  for (u32 row = 0; row < length; row++) inverse[row] = soften(scores[row], length);
  for (u32 row = length; row < length + TILE; row++) inverse[row] = 0;
  for (u32 row = 0; row < length; row += TILE)
    for (u32 n = 0; n < HEAD_WIDTH; n += PANEL) {
      tile t = multiply_tile(scores[row], MAX_TOKENS, values + n * length, length, zero, zero);
      for (u32 r = 0; r < TILE; r++) {
        f4 share = f4_splat(inverse[row + r]);
        float *to = context + (row + r) * WIDTH + n;
        f4_store(to, f4_mul(t.left[r], share));
        f4_store(to + 4, f4_mul(t.right[r], share));
      }
    }
}

void attend(const float *qkv, u32 length, float *context) {
  for (u32 head = 0; head < HEADS; head++) attend_head(qkv + head * HEAD_WIDTH, length, context + head * HEAD_WIDTH);
}
