#include "layers.h"

static const float EPSILON = 1e-12f;

void normalise(float *rows, u32 count, const model_norm *norm) {
  for (float *row = rows; row < rows + count * WIDTH; row += WIDTH) {
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
}

typedef enum { PLAIN, RESIDUAL, GELU } finish;

static inline __attribute__((always_inline)) void store(float *out, f4 value, finish how) {
  if (how == RESIDUAL) value = f4_add(value, f4_load(out));
  if (how == GELU) value = f4_gelu(value);
  f4_store(out, value);
}

// All rows pass one panel of weights before the next, so a panel stays in the first-level cache.
static inline __attribute__((always_inline)) void dense(const float *in, u32 inputs, const float *weight, const float *bias,
                                                        float *out, u32 outputs, u32 rows, finish how) {
  for (u32 n = 0; n < outputs; n += PANEL) {
    const float *panel = weight + n * inputs;
    f4 left = f4_load(bias + n), right = f4_load(bias + n + 4);
    for (u32 row = 0; row < rows; row += TILE) {
      tile t = multiply_tile(in + row * inputs, inputs, panel, inputs, left, right);
      for (u32 r = 0; r < TILE; r++) {
        float *to = out + (row + r) * outputs + n;
        store(to, t.left[r], how);
        store(to + 4, t.right[r], how);
      }
    }
  }
}

void dense_qkv(const float *in, const model_layer *layer, float *out, u32 rows) {
  dense(in, WIDTH, layer->qkv_weight, layer->qkv_bias, out, 3 * WIDTH, rows, PLAIN);
}

void dense_merge(const float *in, const model_layer *layer, float *out, u32 rows) {
  dense(in, WIDTH, layer->merge_weight, layer->merge_bias, out, WIDTH, rows, RESIDUAL);
}

void dense_up(const float *in, const model_layer *layer, float *out, u32 rows) {
  dense(in, WIDTH, layer->up_weight, layer->up_bias, out, INNER, rows, GELU);
}

void dense_down(const float *in, const model_layer *layer, float *out, u32 rows) {
  dense(in, INNER, layer->down_weight, layer->down_bias, out, WIDTH, rows, RESIDUAL);
}
