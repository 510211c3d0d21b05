#include "layers.h"

// One panel: 8 columns of the result for all rows, from one block of the input. Starts from the bias, or continues
// from what stands in `out`. A function of its own, called often: engines that compile in tiers replace a function by
// its fast version only when it is called again.
__attribute__((noinline)) static void multiply_panel(const float *in, const float *panel, const float *bias, float *out,
                                                     u32 rows) {
  for (u32 row = 0; row < rows; row += TILE) {
    tile t;
    float *to = out + row * WIDTH;
    for (u32 r = 0; r < TILE; r++) {
      const float *start = bias ? bias : to + r * WIDTH;
      t.left[r] = f4_load(start);
      t.right[r] = f4_load(start + 4);
    }
    multiply_tile(&t, in + row * WIDTH, WIDTH, panel, WIDTH);
    for (u32 r = 0; r < TILE; r++) {
      f4_store(to + r * WIDTH, t.left[r]);
      f4_store(to + r * WIDTH + 4, t.right[r]);
    }
  }
}

// All rows pass one panel of weights before the next, so a panel (12 KiB) stays in the first-level cache.
void dense(const block *in, u32 inputs, const float *weight, const float *bias, block *out, u32 outputs, u32 rows) {
  for (u32 i = 0; i < inputs; i++)
    for (u32 o = 0; o < outputs; o++)
      for (u32 n = 0; n < WIDTH; n += PANEL, weight += WIDTH * PANEL)
        multiply_panel(&in[i][0][0], weight, i == 0 ? bias + o * WIDTH + n : 0, &out[o][0][n], rows);
}

static const float EPSILON = 1e-12f;

__attribute__((noinline)) static void normalise_row(float *row, const model_norm *norm) {
  f4 sum = f4_splat(0), square = f4_splat(0);
  for (u32 i = 0; i < WIDTH; i += 4) sum = f4_add(sum, f4_load(row + i));
  f4 mean = f4_splat(f4_sum(sum) / WIDTH);
  for (u32 i = 0; i < WIDTH; i += 4) {
    f4 d = f4_sub(f4_load(row + i), mean);
    square = f4_mul_add(square, d, d);
  }
  f4 scale = f4_splat(1.0f / __builtin_sqrtf(f4_sum(square) / WIDTH + EPSILON));
  for (u32 i = 0; i < WIDTH; i += 4) {
    f4 x = f4_mul(f4_sub(f4_load(row + i), mean), scale);
    f4_store(row + i, f4_mul_add(f4_load(norm->bias + i), x, f4_load(norm->gain + i)));
  }
}

void normalise(block *rows, const block *added, const model_norm *norm, u32 count) {
  for (u32 r = 0; r < count; r++) {
    float *row = (*rows)[r];
    if (added)
      for (u32 i = 0; i < WIDTH; i += 4) f4_store(row + i, f4_add(f4_load(row + i), f4_load(&(*added)[r][i])));
    normalise_row(row, norm);
  }
}

__attribute__((noinline)) static void activate_row(float *row) {
  for (u32 i = 0; i < WIDTH; i += 4 * GROUP) {
    f4 x[GROUP];
    for (u32 k = 0; k < GROUP; k++) x[k] = f4_load(row + i + 4 * k);
    f4_gelu(x);
    for (u32 k = 0; k < GROUP; k++) f4_store(row + i + 4 * k, x[k]);
  }
}

void activate(block *blocks, u32 count, u32 rows) {
  for (u32 b = 0; b < count; b++)
    for (u32 r = 0; r < rows; r++) activate_row(blocks[b][r]);
}
