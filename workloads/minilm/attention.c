#include "attention.h"

static const float SCALE = 0.17677669f;  // 1/√32
static const float LOWEST = -3.0e38f;

static float keys[MAX_TOKENS * HEAD_WIDTH], values[MAX_TOKENS * HEAD_WIDTH];
static float scores[MAX_TOKENS + TILE][MAX_TOKENS];

// Keys transposed: the tokens are the columns, in panels; missing columns of the last panel are zero.
__attribute__((noinline)) static void pack_keys(const float *key, u32 length) {
  for (u32 t = 0; t < length; t += PANEL)
    for (u32 i = 0; i < HEAD_WIDTH; i++)
      for (u32 c = 0; c < PANEL; c++) keys[t * HEAD_WIDTH + i * PANEL + c] = t + c < length ? key[(t + c) * WIDTH + i] : 0;
}

__attribute__((noinline)) static void pack_values(const float *value, u32 length) {
  for (u32 n = 0; n < HEAD_WIDTH; n += PANEL)
    for (u32 t = 0; t < length; t++) {
      float *to = values + n * length + t * PANEL;
      f4_store(to, f4_load(value + t * WIDTH + n));
      f4_store(to + 4, f4_load(value + t * WIDTH + n + 4));
    }
}

// Turns a row of scores into e^(scale·(score − largest)); returns the inverse of their sum.
__attribute__((noinline)) static float soften(float *row, u32 length) {
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

static const tile ZERO;

// scores = query · keysᵀ
__attribute__((noinline)) static void score_rows(const float *query, u32 length) {
  for (u32 row = 0; row < length; row += TILE)
    for (u32 n = 0; n < length; n += PANEL) {
      tile t = ZERO;
      multiply_tile(&t, query + row * WIDTH, WIDTH, keys + n * HEAD_WIDTH, HEAD_WIDTH);
      for (u32 r = 0; r < TILE; r++) {
        f4_store(&scores[row + r][n], t.left[r]);
        f4_store(&scores[row + r][n + 4], t.right[r]);
      }
    }
}

// context = shares · values; the division by the sum of a row comes last, when fewer numbers are left.
__attribute__((noinline)) static void mix_rows(const float *inverse, u32 length, float *context) {
  for (u32 row = 0; row < length; row += TILE)
    for (u32 n = 0; n < HEAD_WIDTH; n += PANEL) {
      tile t = ZERO;
      multiply_tile(&t, scores[row], MAX_TOKENS, values + n * length, length);
      for (u32 r = 0; r < TILE; r++) {
        f4 share = f4_splat(inverse[row + r]);
        float *to = context + (row + r) * WIDTH + n;
        f4_store(to, f4_mul(t.left[r], share));
        f4_store(to + 4, f4_mul(t.right[r], share));
      }
    }
}

void attend(const float *query, const float *key, const float *value, u32 length, float *context) {
  static float inverse[MAX_TOKENS + TILE];
  for (u32 at = 0; at < WIDTH; at += HEAD_WIDTH) {
    pack_keys(key + at, length);
    pack_values(value + at, length);
    score_rows(query + at, length);
    for (u32 row = 0; row < length; row++) inverse[row] = soften(scores[row], length);
    for (u32 row = length; row < length + TILE; row++) inverse[row] = 0;
    mix_rows(inverse, length, context + at);
  }
}
