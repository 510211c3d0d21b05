// Handwritten digits: 8×8 pixels in, a digit and ten scores out. A two-layer perceptron in plain scalar fp32:
// each sum starts from the bias and adds its products in ascending order, each step rounded, so the bits are fixed.
#include "../common/base64.h"
#include "../common/io.h"
#include "../common/json.h"

enum { PIXELS = 64, HIDDEN = 32, DIGITS = 10, PIXEL_MAX = 16 };

// The layout of digits.bin, little endian; matrices are [in][out].
static struct {
  float hidden_weight[PIXELS][HIDDEN];
  float hidden_bias[HIDDEN];
  float output_weight[HIDDEN][DIGITS];
  float output_bias[DIGITS];
} model;

// Reads exactly 64 plain integers 0…16; "1.0" or "1e1" are not understood.
static i32 read_pixels(json_span s, float *pixels) {
  if (*s.at++ != '[') return 0;
  for (u32 i = 0; i < PIXELS; i++) {
    u32 value = 0, digits = 0;
    json_skip_space(&s);
    while ((u32)(*s.at - '0') < 10 && digits++ < 2) value = value * 10 + (*s.at++ - '0');
    if (digits == 0 || value > PIXEL_MAX) return 0;
    pixels[i] = (float)value / PIXEL_MAX;
    json_skip_space(&s);
    if (*s.at++ != (i + 1 < PIXELS ? ',' : ']')) return 0;
  }
  return 1;
}

static void classify(const float *pixels, float *scores) {
  float hidden[HIDDEN];
  for (u32 h = 0; h < HIDDEN; h++) {
    float sum = model.hidden_bias[h];
    for (u32 i = 0; i < PIXELS; i++) sum += pixels[i] * model.hidden_weight[i][h];
    hidden[h] = sum > 0 ? sum : 0;
  }
  for (u32 d = 0; d < DIGITS; d++) {
    float sum = model.output_bias[d];
    for (u32 h = 0; h < HIDDEN; h++) sum += hidden[h] * model.output_weight[h][d];
    scores[d] = sum;
  }
}

static void answer(const u8 *line, u32 length) {
  json_span value;
  float pixels[PIXELS], scores[DIGITS];
  if (!json_member(line, length, "pixels", &value) || !read_pixels(value, pixels)) {
    put_bad_input();
    return;
  }
  classify(pixels, scores);
  u32 best = 0;
  for (u32 d = 1; d < DIGITS; d++)
    if (scores[d] > scores[best]) best = d;
  u8 encoded[56];
  put_text("{\"digit\":");
  put_number(best);
  put_text(",\"scores\":\"");
  put_bytes(encoded, base64((const u8 *)scores, sizeof scores, encoded));
  put_text("\"}\n");
}

void _start(void) {
  const u8 *line;
  u32 length;
  line_kind kind;
  read_model(open_model("digits.bin"), &model, sizeof model, 0);
  while ((kind = read_line(&line, &length)) != LINE_END) {
    if (kind == LINE_OK) answer(line, length);
    else put_bad_input();
  }
  flush_output();
}
