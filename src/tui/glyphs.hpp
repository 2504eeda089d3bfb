// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flowspan::tui {

/// One code point as a terminal shows it.
struct Glyph {
  std::string_view bytes;  ///< UTF-8, harmless: never a control character
  int width = 1;           ///< columns: 0 joins the glyph before it, 2 is wide
};

/// Takes the first glyph off `rest`; nullopt at the end. Text may come from the network: control characters, those that
/// turn the direction of writing, and bytes that are no UTF-8 become "�".
std::optional<Glyph> next_glyph(std::string_view& rest);

/// Columns that the text takes.
int display_width(std::string_view text);

enum class Align { left, right };
/// The text in exactly `width` columns: blanks added, or cut with "…" at its end.
std::string fit(std::string_view text, int width, Align align = Align::left);

/// The same, cut in its middle: what is told apart by its end too, as addresses are.
std::string fit_middle(std::string_view text, int width);

/// What stands for a glyph where the terminal knows only ASCII; one character a column.
char plain_glyph(std::string_view bytes);

}  // namespace flowspan::tui
