// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/append.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include "base/fault.hpp"
#include "journal/names.hpp"
#include "journal/pcapng.hpp"

namespace flowspan::journal {

namespace {

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace

Appender::Appender(AppendOptions options) : options_(std::move(options)), header_(file_header(options_.interfaces)) {}

Appender::~Appender() { static_cast<void>(close()); }

Result<std::unique_ptr<Appender>> Appender::open(AppendOptions options) {
  if (::mkdir(options.directory.c_str(), 0750) != 0 && errno != EEXIST) {
    return fail(system_error("cannot make the folder " + options.directory.string()));
  }
  auto journals = list_journals(options.directory);
  if (!journals) {
    return fail(std::move(journals.error()));
  }
  std::unique_ptr<Appender> appender(new Appender(std::move(options)));
  const AppendOptions& own = appender->options_;
  std::uint32_t sequence = std::max<std::uint32_t>(own.first_file, 1);
  for (const std::uint32_t old : (*journals)[own.writer]) {
    appender->total_bytes_ += size_of(own.directory / JournalName{own.writer, old}.to_string());
    if (old >= sequence && old != std::numeric_limits<std::uint32_t>::max()) {
      sequence = old + 1;
    }
  }
  Status status = appender->create_file(sequence);
  if (status) {
    status = sync_path(own.directory);
  }
  if (status) {
    status = appender->write_header();
  }
  if (!status) {
    return fail(std::move(status.error()));
  }
  return appender;
}

Result<Position> Appender::append(Bytes& blocks) {
  while (!blocks.empty()) {
    if (!file_) {
      return fail("the journal " + path_.string() + " is closed");
    }
    if (offset_ == 0) {
      if (Status status = write_header(); !status) {
        return fail(std::move(status.error()));
      }
    }
    std::size_t n = blocks.size();
    const std::uint64_t room = options_.max_file_bytes - std::min(options_.max_file_bytes, offset_);
    if (n > room) {
      n = whole_blocks(blocks, static_cast<std::size_t>(room));
      if (n == 0) {
        return fail("cannot append to " + path_.string() + ": these bytes are no pcapng block (a mistake in flowspan)");
      }
      if (n > room && offset_ > header_.size()) {
        if (Status status = roll(); !status) {
          return fail(std::move(status.error()));
        }
        continue;
      }
    }
    if (Status status = write_blocks(blocks, n); !status) {
      return fail(std::move(status.error()));
    }
  }
  return position();
}

Status Appender::write_blocks(Bytes& blocks, std::size_t n) {
  if (Status status = fault_point("journal.write"); !status) {
    return status;
  }
  if (Status status = cut_rest(); !status) {
    return status;
  }
  std::size_t written = 0;
  int code = 0;
  while (written < n && code == 0) {
    const ssize_t got =
        ::pwrite(file_.fd(), blocks.data() + written, n - written, static_cast<off_t>(offset_ + written));
    if (got > 0) {
      written += static_cast<std::size_t>(got);
    } else if (got == 0 || errno != EINTR) {
      code = got == 0 ? ENOSPC : errno;
    }
  }
  std::size_t whole = written;
  if (written < n) {
    whole = whole_blocks(blocks.first(n), written);
    if (whole > written) {
      whole = 0;  // not even the first block
    }
    rest_ = written > whole;
  }
  offset_ += whole;
  total_bytes_ += whole;
  blocks = blocks.subspan(whole);
  dirty_ = dirty_ || written > 0;
  if (code == 0) {
    return {};
  }
  static_cast<void>(
      cut_rest());  // a follower waits at a torn block; what cannot be cut now is cut before the next write
  return fail(system_error("cannot write the journal " + path_.string(), code));
}

Status Appender::cut_rest() {
  if (!rest_) {
    return {};
  }
  if (::ftruncate(file_.fd(), static_cast<off_t>(offset_)) != 0) {
    return fail(system_error("cannot cut a torn block off the journal " + path_.string()));
  }
  rest_ = false;
  return {};
}

// A file whose header could not be written stays, empty: a follower may have opened it already.
Status Appender::write_header() {
  Bytes header = header_;
  std::size_t written = 0;
  while (written < header.size()) {
    const ssize_t got =
        ::pwrite(file_.fd(), header.data() + written, header.size() - written, static_cast<off_t>(written));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      Error error = system_error("cannot write the journal " + path_.string(), got == 0 ? ENOSPC : errno);
      rest_ = written > 0;
      static_cast<void>(cut_rest());
      return fail(std::move(error));
    }
    written += static_cast<std::size_t>(got);
  }
  rest_ = false;
  offset_ = header.size();
  total_bytes_ += header.size();
  dirty_ = true;
  return {};
}

Status Appender::create_file(std::uint32_t sequence) {
  const std::filesystem::path path = options_.directory / JournalName{options_.writer, sequence}.to_string();
  auto file = open_file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file) {
    return fail(std::move(file.error()));
  }
  file_ = std::move(*file);
  path_ = path;
  sequence_ = sequence;
  offset_ = 0;
  rest_ = false;
  dirty_ = false;
  return {};
}

Status Appender::roll() {
  if (Status status = fault_point("journal.roll"); !status) {
    return status;
  }
  if (Status status = cut_rest(); !status) {
    return status;
  }
  const bool durable = options_.sync_interval > 0;
  if (durable) {
    if (Status status = sync(); !status) {
      return status;
    }
  }
  if (sequence_ == std::numeric_limits<std::uint32_t>::max()) {
    return fail("the journal " + path_.string() + " has the last number there is: move the journal folder away");
  }
  if (Status status = create_file(sequence_ + 1); !status) {
    return status;
  }
  if (durable) {
    if (Status status = sync_path(options_.directory); !status) {
      return status;
    }
  }
  return write_header();
}

Status Appender::sync_due(Time now) {
  if (options_.sync_interval <= 0 || now - synced_ < options_.sync_interval) {
    return {};
  }
  synced_ = now;
  return sync();
}

Status Appender::sync() {
  if (!file_ || !dirty_) {
    return {};
  }
  if (Status status = fault_point("journal.sync"); !status) {
    return status;
  }
  if (Status status = sync_data(file_.fd(), path_); !status) {
    return status;
  }
  dirty_ = false;
  return {};
}

Status Appender::close() {
  closed_ = true;
  if (!file_) {
    return {};
  }
  Status status = cut_rest();
  if (Status synced = sync(); status && !synced) {
    status = std::move(synced);
  }
  file_.close();
  return status;
}

Status Appender::remove_before(Position position) {
  auto journals = list_journals(options_.directory);
  if (!journals) {
    return fail(std::move(journals.error()));
  }
  for (const std::uint32_t sequence : (*journals)[options_.writer]) {  // ascending: a reader relies on it
    if (sequence >= position.file || (sequence >= sequence_ && !closed_)) {
      break;
    }
    const auto path = options_.directory / JournalName{options_.writer, sequence}.to_string();
    const std::uint64_t size = size_of(path);
    if (::unlink(path.c_str()) == 0) {
      total_bytes_ -= size;
    } else if (errno != ENOENT) {
      return fail(system_error("cannot remove the journal " + path.string()));
    }
  }
  return {};
}

}  // namespace flowspan::journal
