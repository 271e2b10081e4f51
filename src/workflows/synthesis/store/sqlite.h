#pragma once
// SQLite with errors that say what to do, and with handles that close themselves.

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace fusion {

/// One statement, compiled. Parameters and columns are counted as SQLite does: the first parameter is 1, the first
/// column 0. Texts that it returns last until the next step or reset.
class Statement {
 public:
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view value);
  /// Whether there is a (next) row. After the last one the statement can be bound and run anew.
  bool step();
  /// step() to the end, for a statement without rows.
  void run();
  /// Gives up the rows that are left.
  void reset();

  int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* database, const std::string& path, std::string_view sql);

  sqlite3* database_;
  const std::string* path_;
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  enum class Open { kCreate, kChange, kRead };
  /// Throws Error where the file cannot be opened; whether it is a database shows in the first statement.
  Database(std::string path, Open open);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }
  Statement prepare(std::string_view sql) { return {database_, path_, sql}; }
  /// One or several statements without parameters.
  void execute(const char* sql);
  /// First column of the first row.
  int64_t number(std::string_view sql);

 private:
  std::string path_;
  sqlite3* database_ = nullptr;
};

/// All that is written while it lives, or, without commit(), nothing of it.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace fusion
