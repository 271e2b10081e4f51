#include "fusion/line_reader.h"

#include <histedit.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <system_error>
#include <utility>

namespace fusion::app {

namespace {

namespace fs = std::filesystem;

constexpr int kKeptLines = 1000;

/// The editor reads characters of the user's encoding; in the "C" locale it would take ASCII only.
void use_terminal_encoding() {
  const char* const chosen = std::setlocale(LC_CTYPE, "");
  if (chosen == nullptr || std::string_view(chosen) == "C" || std::string_view(chosen) == "POSIX") {
    std::setlocale(LC_CTYPE, "C.UTF-8");
  }
}

}  // namespace

class LineReader::Editor {
 public:
  explicit Editor(std::string history_file)
      : history_file_(std::move(history_file)),
        editor_((use_terminal_encoding(), el_init("fusion", stdin, stdout, stderr))),
        history_(history_init()) {
    HistEvent event{};
    ::history(history_, &event, H_SETSIZE, kKeptLines);
    ::history(history_, &event, H_SETUNIQUE, 1);
    if (!history_file_.empty()) {
      std::error_code code;
      fs::create_directories(fs::path(history_file_).parent_path(), code);
      ::history(history_, &event, H_LOAD, history_file_.c_str());
    }
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_PROMPT, &Editor::prompt_of);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, ::history, history_);
    // Ctrl-C and Ctrl-Z as keys rather than signals, while a line is edited.
    el_set(editor_, EL_SETTY, "-d", "-isig", nullptr);
    el_set(editor_, EL_ADDFN, "fusion-give-up", "Give up the line", &Editor::give_up);
    el_set(editor_, EL_BIND, "^C", "fusion-give-up", nullptr);
    el_set(editor_, EL_ADDFN, "fusion-suspend", "Suspend the program", &Editor::suspend);
    el_set(editor_, EL_BIND, "^Z", "fusion-suspend", nullptr);
    el_set(editor_, EL_ADDFN, "fusion-complete", "Complete a file name", &_el_fn_complete);
    el_set(editor_, EL_BIND, "^I", "fusion-complete", nullptr);
    el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_source(editor_, nullptr);
  }
  ~Editor() {
    el_end(editor_);
    history_end(history_);
  }
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  LineEnd read(const std::string& prompt, std::string& line) {
    prompt_ = prompt;
    interrupted_ = false;
    int length = 0;
    // Before the prompt shows, so that what is typed at it is a key already.
    el_set(editor_, EL_PREP_TERM, 1);
    const char* const text = el_gets(editor_, &length);
    if (interrupted_) {
      line = typed_;
      el_reset(editor_);
      std::cout << "\n";
      return LineEnd::kInterrupt;
    }
    if (text == nullptr || length <= 0) return LineEnd::kEnd;
    line.assign(text, static_cast<size_t>(length));
    while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
    remember(line);
    return LineEnd::kLine;
  }

 private:
  static Editor& self_of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<Editor*>(self);
  }
  static char* prompt_of(EditLine* editor) { return self_of(editor).prompt_.data(); }
  static unsigned char give_up(EditLine* editor, int) {
    Editor& self = self_of(editor);
    const LineInfo* const line = el_line(editor);
    self.typed_.assign(line->buffer, line->lastchar);
    self.interrupted_ = true;
    return CC_EOF;
  }

  static unsigned char suspend(EditLine* editor, int) {
    el_set(editor, EL_PREP_TERM, 0);
    (void)::kill(0, SIGTSTP);
    el_set(editor, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
  }

  /// After every line, so that a program that is killed has lost none.
  void remember(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos) return;
    HistEvent event{};
    ::history(history_, &event, H_ENTER, line.c_str());
    if (!history_file_.empty()) ::history(history_, &event, H_SAVE, history_file_.c_str());
  }

  std::string history_file_;
  std::string prompt_;
  std::string typed_;  // of a line that was given up
  bool interrupted_ = false;
  EditLine* editor_;
  History* history_;
};

LineReader::LineReader(const std::string& history_file) {
  if (::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) editor_ = std::make_unique<Editor>(history_file);
}

LineReader::~LineReader() = default;

LineEnd LineReader::read(const std::string& prompt, std::string& line) {
  if (editor_) return editor_->read(prompt, line);
  if (!std::getline(std::cin, line)) return LineEnd::kEnd;
  if (line.ends_with('\r')) line.pop_back();
  return LineEnd::kLine;
}

}  // namespace fusion::app
