// Four-lane fp32 arithmetic of our own: only +, −, ×, ÷, square root, comparison and rounding, each of which IEEE 754
// and WebAssembly define to the last bit. No contraction, no library, no lane order left to a compiler.
#ifndef INFERNET_MATH_H
#define INFERNET_MATH_H

#include <wasm_simd128.h>

#include "../common/types.h"

typedef v128_t f4;

static inline f4 f4_load(const float *at) { return wasm_v128_load(at); }
static inline f4 f4_load_splat(const float *at) { return wasm_v128_load32_splat(at); }
static inline void f4_store(float *at, f4 v) { wasm_v128_store(at, v); }
static inline f4 f4_splat(float x) { return wasm_f32x4_splat(x); }
static inline f4 f4_add(f4 a, f4 b) { return wasm_f32x4_add(a, b); }
static inline f4 f4_sub(f4 a, f4 b) { return wasm_f32x4_sub(a, b); }
static inline f4 f4_mul(f4 a, f4 b) { return wasm_f32x4_mul(a, b); }
static inline f4 f4_div(f4 a, f4 b) { return wasm_f32x4_div(a, b); }
// a + b·c, both steps rounded.
static inline f4 f4_mul_add(f4 a, f4 b, f4 c) { return f4_add(a, f4_mul(b, c)); }
// The smaller and the larger; compare and select, so that one instruction does on every machine.
static inline f4 f4_min(f4 a, f4 b) { return wasm_f32x4_pmin(a, b); }
static inline f4 f4_max(f4 a, f4 b) { return wasm_f32x4_pmax(a, b); }

// (lane 0 + lane 1) + (lane 2 + lane 3)
static inline float f4_sum(f4 v) {
  return (wasm_f32x4_extract_lane(v, 0) + wasm_f32x4_extract_lane(v, 1)) +
         (wasm_f32x4_extract_lane(v, 2) + wasm_f32x4_extract_lane(v, 3));
}

static inline float f4_largest(f4 v) {
  float a = wasm_f32x4_extract_lane(v, 0), b = wasm_f32x4_extract_lane(v, 1);
  float c = wasm_f32x4_extract_lane(v, 2), d = wasm_f32x4_extract_lane(v, 3);
  a = a > b ? a : b;
  c = c > d ? c : d;
  return a > c ? a : c;
}

// e^x for x ≤ 0 (S. L. Moshier, Cephes expf: reduction by ln 2 in two parts, degree-6 polynomial; error < 2 ulp).
// Below −87 the result is that of −87, about 1e-38.
static inline f4 f4_exp(f4 x) {
  x = f4_max(x, f4_splat(-87.0f));
  f4 n = wasm_f32x4_nearest(f4_mul(x, f4_splat(1.44269504f)));
  f4 r = f4_sub(x, f4_mul(n, f4_splat(0.693359375f)));
  r = f4_sub(r, f4_mul(n, f4_splat(-2.12194440e-4f)));
  f4 p = f4_splat(1.9875691500e-4f);
  p = f4_mul_add(f4_splat(1.3981999507e-3f), p, r);
  p = f4_mul_add(f4_splat(8.3334519073e-3f), p, r);
  p = f4_mul_add(f4_splat(4.1665795894e-2f), p, r);
  p = f4_mul_add(f4_splat(1.6666665459e-1f), p, r);
  p = f4_mul_add(f4_splat(5.0000001201e-1f), p, r);
  p = f4_add(f4_mul_add(r, p, f4_mul(r, r)), f4_splat(1.0f));
  v128_t exponent = wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_splat(127));
  return f4_mul(p, wasm_i32x4_shl(exponent, 23));
}

// Vectors that are computed side by side where one chain of operations would leave the processor waiting, and the
// constants of a polynomial would be loaded for four numbers only.
enum { GROUP = 4 };

static inline void f4_horner(f4 p[GROUP], float coefficient, const f4 t[GROUP]) {
  for (u32 i = 0; i < GROUP; i++) p[i] = f4_mul_add(f4_splat(coefficient), p[i], t[i]);
}

// erf(x) by the rational approximation of Eigen and XLA, x·P(x²)/Q(x²) on [−4, 4]; absolute error < 5e-7.
static inline void f4_erf(f4 x[GROUP]) {
  f4 t[GROUP], p[GROUP], q[GROUP];
  for (u32 i = 0; i < GROUP; i++) {
    x[i] = f4_min(f4_max(x[i], f4_splat(-4.0f)), f4_splat(4.0f));
    t[i] = f4_mul(x[i], x[i]);
    p[i] = f4_splat(-2.72614225801306e-10f);
    q[i] = f4_splat(-1.45660718464996e-05f);
  }
  f4_horner(p, 2.77068142495902e-08f, t);
  f4_horner(p, -2.10102402082508e-06f, t);
  f4_horner(p, -5.69250639462346e-05f, t);
  f4_horner(p, -7.34990630326855e-04f, t);
  f4_horner(p, -2.95459980854025e-03f, t);
  f4_horner(p, -1.60960333262415e-02f, t);
  f4_horner(q, -2.13374055278905e-04f, t);
  f4_horner(q, -1.68282697438203e-03f, t);
  f4_horner(q, -7.37332916720468e-03f, t);
  f4_horner(q, -1.42647390514189e-02f, t);
  for (u32 i = 0; i < GROUP; i++) x[i] = f4_div(f4_mul(x[i], p[i]), q[i]);
}

// GELU in its exact form, x/2 · (1 + erf(x/√2)).
static inline void f4_gelu(f4 x[GROUP]) {
  f4 e[GROUP];
  for (u32 i = 0; i < GROUP; i++) e[i] = f4_mul(x[i], f4_splat(0.70710678f));
  f4_erf(e);
  for (u32 i = 0; i < GROUP; i++) x[i] = f4_mul(f4_mul(x[i], f4_splat(0.5f)), f4_add(f4_splat(1.0f), e[i]));
}

#endif
