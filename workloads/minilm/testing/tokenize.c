// For tests alone: the tokenizer without the encoder. {"text":"…"} lines in, {"ids":[…]} lines out.
#include "../../common/io.h"
#include "../tokenizer.h"

static void put_ids(const u16 *ids, u32 count) {
  put_text("{\"ids\":[");
  for (u32 i = 0; i < count; i++) {
    if (i > 0) put_text(",");
    put_number(ids[i]);
  }
  put_text("]}\n");
}

void _start(void) {
  const u8 *line;
  u32 length;
  u16 ids[MAX_TOKENS];
  json_span value, text;
  load_vocab(open_model("minilm.bin"));
  while (read_line(&line, &length) != LINE_END) {
    if (json_member(line, length, "text", &value) && json_string(value, &text)) put_ids(ids, tokenize(text, ids));
    else put_bad_input();
  }
  flush_output();
}
