// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"

namespace flowspan::store {

namespace sqlite {
class Database;
}

/// Who opens a store, and for what.
enum class Mode {
  read,    ///< asks only; the store may be on a read-only disk
  write,   ///< imports, compacts, retires; the store exists
  create,  ///< collects or imports; the store is made when it is not there
};

/// STORE/catalog.sqlite3: the only truth about what is committed. Two connections, one for changes and one for
/// questions, each behind its own mutex: any thread may call.
class Catalog {
 public:
  /// What PRAGMA user_version says; see docs/formats/catalog.md.
  static constexpr int format = 2;
  /// PRAGMA application_id: "flsp".
  static constexpr int application_id = 0x666c7370;

  static Result<std::unique_ptr<Catalog>> open(const std::filesystem::path& file, Mode mode);
  ~Catalog();

  using Work = std::function<Status(sqlite::Database&)>;
  /// Runs `work` in one transaction; when it fails, nothing has changed.
  Status write(const Work& work);
  /// Runs `work` in one read transaction: it sees the catalog as it is at its first query.
  Status read(const Work& work);
  const std::filesystem::path& file() const { return file_; }

 private:
  Catalog(std::filesystem::path file, Mode mode);

  std::filesystem::path file_;
  Mode mode_;
  std::mutex writing_;
  std::mutex reading_;
  std::unique_ptr<sqlite::Database> writer_;
  std::unique_ptr<sqlite::Database> reader_;
  bool alone_ = false;  ///< the reader takes the file as one that nobody changes: asked anew at each question
};

}  // namespace flowspan::store
