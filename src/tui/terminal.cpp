// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/terminal.hpp"

#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cwchar>

#include "tui/glyphs.hpp"

namespace flowspan::tui {

struct Terminal::Looks {
  std::array<attr_t, role_count> attributes{};
  std::array<short, role_count> pairs{};
};

namespace {

constexpr int escape_delay_ms = 50;  // between the bytes of one key, also over a slow line
constexpr int most_silent_reads = 20;

/// A role's colour where there are 256 and where there are 8, and what makes it out where there are none.
struct Look {
  short of_256;
  short of_8;
  attr_t mono;
};
constexpr std::array<Look, role_count> role_looks{{
    {-1, -1, A_NORMAL},                    // plain
    {244, -1, A_DIM},                      // dim
    {75, COLOR_CYAN, A_BOLD},              // title
    {214, COLOR_YELLOW, A_BOLD},           // focus
    {109, COLOR_CYAN, A_UNDERLINE},        // heading
    {214, COLOR_YELLOW, A_UNDERLINE},      // sorted
    {214, COLOR_YELLOW, A_BOLD},           // key
    {71, COLOR_GREEN, A_NORMAL},           // good
    {178, COLOR_YELLOW, A_BOLD},           // warning
    {196, COLOR_RED, A_BOLD | A_REVERSE},  // bad
    {67, COLOR_BLUE, A_NORMAL},            // bar
    {214, COLOR_YELLOW, A_BOLD},           // match
}};

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return has_colors() && (no_colour == nullptr || *no_colour == '\0');
}

/// What the terminal understands, without the delays that terminfo writes into it.
std::string capability(const char* name) {
  const char* text = tigetstr(const_cast<char*>(name));
  if (text == nullptr || reinterpret_cast<std::intptr_t>(text) == -1) return {};
  std::string whole = text;
  for (auto at = whole.find("$<"); at != std::string::npos; at = whole.find("$<"))
    whole.erase(at, whole.find('>', at) - at + 1);
  return whole;
}

sigset_t only_suspend() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTSTP);
  return set;
}

}  // namespace

bool Terminal::usable() {
  const char* type = std::getenv("TERM");
  return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 && type != nullptr && std::string_view(type) != "dumb";
}

Result<std::unique_ptr<Terminal>> Terminal::open(TerminalOptions options) {
  std::unique_ptr<Terminal> terminal(new Terminal(options));
  std::setlocale(LC_CTYPE, "");
  terminal->utf8_ = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  // Signals would come at any moment and to any thread; these two are asked for in read().
  std::signal(SIGWINCH, SIG_IGN);
  if (options.suspend) {
    const sigset_t set = only_suspend();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  } else {
    std::signal(SIGTSTP, SIG_IGN);
  }
  auto restore = std::make_unique<CrashRestore>();
  set_escdelay(escape_delay_ms);
  if (newterm(nullptr, stdout, stdin) == nullptr) {
    const char* type = std::getenv("TERM");
    return fail(std::string("the terminal type ") + (type == nullptr ? "" : type) +
                    " is not known here: set TERM, e.g. TERM=xterm",
                ErrorKind::not_found);
  }
  terminal->looks_ = std::make_unique<Looks>();
  restore->arm(capability("rmkx") + capability("sgr0") + capability("op") + capability("cnorm") +
               (options.mouse ? "\033[?1000l\033[?1002l\033[?1003l\033[?1006l" : "") + capability("rmcup") + "\r");
  terminal->crash_restore_ = std::move(restore);
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  curs_set(0);
  if (options.mouse) {
    mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, nullptr);
    mouseinterval(0);
  }
  terminal->choose_colours();
  return terminal;
}

Terminal::Terminal(TerminalOptions options) : options_(options) {}

Terminal::~Terminal() {
  if (!looks_) return;
  endwin();
  crash_restore_.reset();
  std::signal(SIGWINCH, SIG_DFL);
}

void Terminal::choose_colours() {
  const bool colours = wants_colour() && start_color() == OK;
  if (colours) use_default_colors();
  for (std::size_t i = 0; i < role_count; ++i) {
    const Look& look = role_looks[i];
    const short colour = COLORS >= 256 ? look.of_256 : look.of_8;
    if (!colours) {
      looks_->attributes[i] = look.mono;
    } else if (colour >= 0) {
      looks_->pairs[i] = static_cast<short>(i + 1);
      init_pair(looks_->pairs[i], colour, -1);
    }
  }
}

int Terminal::width() const { return COLS; }
int Terminal::height() const { return LINES; }

void Terminal::show(const Cells& cells) {
  if (redraw_) clearok(curscr, TRUE);
  redraw_ = false;
  erase();
  for (int y = 0; y < cells.height(); ++y) {
    for (int x = 0; x < cells.width(); ++x) {
      const Cell& cell = cells.at(x, y);
      const auto role = static_cast<std::size_t>(cell.style.role);
      const attr_t attributes =
          looks_->attributes[role] | (cell.style.bold ? A_BOLD : 0) | (cell.style.reverse ? A_REVERSE : 0);
      if (cell.glyph.empty() || (cell.glyph == " " && attributes == A_NORMAL)) continue;
      std::array<wchar_t, CCHARW_MAX + 1> text{};
      if (!utf8_) {
        text[0] = static_cast<wchar_t>(plain_glyph(cell.glyph));
      } else {
        std::mbstate_t state{};
        const char* from = cell.glyph.c_str();
        if (std::mbsrtowcs(text.data(), &from, CCHARW_MAX, &state) == static_cast<std::size_t>(-1)) text[0] = L'?';
      }
      cchar_t shown{};
      if (setcchar(&shown, text.data(), attributes, looks_->pairs[role], nullptr) == OK) mvadd_wch(y, x, &shown);
    }
  }
  refresh();
}

bool Terminal::resized() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return false;
  if (size.ws_row == LINES && size.ws_col == COLS) return false;
  resizeterm(size.ws_row, size.ws_col);
  redraw_ = true;
  return true;
}

void Terminal::suspend_if_asked() {
  if (!options_.suspend) return;
  const sigset_t set = only_suspend();
  const timespec now{};
  if (sigtimedwait(&set, nullptr, &now) != SIGTSTP) return;
  endwin();
  ::kill(::getpid(), SIGSTOP);  // goes on here after SIGCONT
  redraw_ = true;
}

Key Terminal::translate(int kind, unsigned code) {
  silent_reads_ = 0;
  const auto of = [](Key::Kind k) { return Key{.kind = k}; };
  if (kind != KEY_CODE_YES) {
    switch (code) {
      case '\r':
      case '\n': return of(Key::Kind::enter);
      case '\t': return of(Key::Kind::tab);
      case 27: return of(Key::Kind::escape);
      case 8:
      case 127: return of(Key::Kind::backspace);
      case 12: redraw_ = true; return of(Key::Kind::redraw);
      default: return {.kind = Key::Kind::character, .character = code};
    }
  }
  switch (code) {
    case KEY_UP: return of(Key::Kind::up);
    case KEY_DOWN: return of(Key::Kind::down);
    case KEY_LEFT: return of(Key::Kind::left);
    case KEY_RIGHT: return of(Key::Kind::right);
    case KEY_PPAGE: return of(Key::Kind::page_up);
    case KEY_NPAGE: return of(Key::Kind::page_down);
    case KEY_HOME: return of(Key::Kind::home);
    case KEY_END: return of(Key::Kind::end);
    case KEY_ENTER: return of(Key::Kind::enter);
    case KEY_BTAB: return of(Key::Kind::back_tab);
    case KEY_BACKSPACE: return of(Key::Kind::backspace);
    case KEY_RESIZE: return of(Key::Kind::resize);
    default: break;
  }
  MEVENT event{};
  if (code != KEY_MOUSE || getmouse(&event) != OK) return {};
  const auto mouse = event.bstate & BUTTON4_PRESSED   ? Key::Kind::wheel_up
                     : event.bstate & BUTTON5_PRESSED ? Key::Kind::wheel_down
                                                      : Key::Kind::click;
  return {.kind = mouse, .x = event.x, .y = event.y};
}

Key Terminal::read(Duration at_most) {
  suspend_if_asked();
  if (redraw_) return {.kind = Key::Kind::redraw};
  if (resized()) return {.kind = Key::Kind::resize};
  wint_t code = 0;
  if (const int kind = get_wch(&code); kind != ERR) return translate(kind, code);
  pollfd terminal{STDIN_FILENO, POLLIN, 0};
  const int ready = ::poll(&terminal, 1, static_cast<int>(at_most / millisecond));
  if (ready <= 0) return {};
  if (const int kind = get_wch(&code); kind != ERR) return translate(kind, code);
  // A terminal that was closed is always ready and never has anything.
  const bool gone = (terminal.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 || ++silent_reads_ > most_silent_reads;
  return {.kind = gone ? Key::Kind::gone : Key::Kind::none};
}

}  // namespace flowspan::tui
