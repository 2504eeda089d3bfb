// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/follow.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "journal/names.hpp"

namespace flowspan::journal {

namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;
static_assert(buffer_bytes >= 2 * max_block);

}  // namespace

Follower::Follower(std::filesystem::path directory, std::uint32_t writer)
    : directory_(std::move(directory)),
      writer_(writer),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(buffer_bytes)) {}

Result<std::unique_ptr<Follower>> Follower::open(std::filesystem::path directory, std::uint32_t writer, Position from) {
  std::unique_ptr<Follower> follower(new Follower(std::move(directory), writer));
  if (from.file == 0) {
    return follower;  // next() begins with the oldest file
  }
  auto file = follower->open_sequence(from.file);
  if (!file) {
    return fail(std::move(file.error()));
  }
  if (!*file) {
    const auto path = follower->directory_ / JournalName{writer, from.file}.to_string();
    return fail("the journal " + path.string() + " is gone", ErrorKind::not_found);
  }
  if (Status status = follower->begin_file({from.file, std::move(**file)}, from.offset); !status) {
    return fail(std::move(status.error()));
  }
  return follower;
}

Status Follower::open_through(Position end) {
  stop_at(end);
  auto journals = list_journals(directory_);
  if (!journals) {
    return fail(std::move(journals.error()));
  }
  bool gap = false;
  std::uint32_t before = sequence_;
  for (const std::uint32_t sequence : (*journals)[writer_]) {
    if (sequence <= sequence_ || held_.contains(sequence) || (next_ && next_->sequence == sequence)) {
      before = std::max(before, sequence);
      continue;
    }
    if (sequence > end.file) {
      break;
    }
    auto file = open_sequence(sequence);
    if (!file) {
      return fail(std::move(file.error()));
    }
    if (*file) {
      gap = gap || (before != 0 && sequence != before + 1);
      before = sequence;
      held_.emplace(sequence, std::move(**file));
    }
  }
  gap = gap || before < end.file;
  // Files are unlinked in ascending order: while the first is there, none after it was.
  struct stat status {};
  if (gap && file_ && ::fstat(file_.fd(), &status) == 0 && status.st_nlink == 0) {
    return fail("journals in " + directory_.string() + " were removed while they were being opened",
                ErrorKind::not_found);
  }
  return {};
}

Result<bool> Follower::next(Datagram& datagram) {
  drops_.clear();
  while (true) {
    if (end_ && Position{sequence_, base_ + begin_} >= *end_) {
      return false;
    }
    switch (read_block(datagram)) {
      case Step::datagram: ++stats_.datagrams; return true;
      case Step::passed: break;
      case Step::damage: skip_damage(); break;
      case Step::more:
        if (auto more = read_more(); !more || !*more) {
          return more;
        }
        break;
    }
  }
}

// Moves on to the next place where a block may begin: they are aligned to 4 bytes from the start of the file.
void Follower::skip_damage() {
  if (!damage_from_) {
    damage_from_ = base_ + begin_;
  }
  const std::uint64_t here = base_ + begin_;
  begin_ += static_cast<std::size_t>((here | 3) + 1 - here);
  if (begin_ > filled_) {
    base_ += begin_ - filled_;
    begin_ = filled_;
  }
}

void Follower::end_damage() {
  if (damage_from_) {
    stats_.damaged_blocks += 1;
    stats_.skipped_bytes += base_ + begin_ - *damage_from_;
    damage_from_.reset();
  }
}

// Makes wanted_ bytes available from begin_ on, or shows that there are none; false: nothing for now.
Result<bool> Follower::read_more() {
  if (!file_) {
    return begin_next_file();
  }
  if (!next_ || !at_file_end_) {
    auto found = fill();
    if (!found || !*found) {
      return found;
    }
  }
  if (filled_ - begin_ >= wanted_) {
    return true;
  }
  if (filled_ - begin_ >= min_block) {
    skip_damage();  // a block that ends after the end of the file; a sound one may follow inside
    return true;
  }
  if (begin_ < filled_) {
    if (!damage_from_) {
      damage_from_ = base_ + begin_;
    }
    begin_ = filled_;
  }
  end_damage();
  return begin_next_file();
}

// Reads until wanted_ bytes are there or the end of a file that is followed by another; false: nothing for now.
Result<bool> Follower::fill() {
  std::memmove(buffer_.get(), buffer_.get() + begin_, filled_ - begin_);
  base_ += begin_;
  filled_ -= begin_;
  begin_ = 0;
  while (filled_ < wanted_) {
    auto got = read_at(buffer_.get() + filled_, buffer_bytes - filled_, base_ + filled_);
    if (!got) {
      return fail(std::move(got.error()));
    }
    filled_ += *got;
    if (*got > 0) {
      continue;
    }
    if (next_) {
      at_file_end_ = true;
      return true;
    }
    auto found = find_next();
    if (!found) {
      return fail(std::move(found.error()));
    }
    if (!*found) {
      filled_ = 0;  // what is torn may be cut off and written anew: read it again from its start
      return false;
    }
    next_ = std::move(*found);  // this file may have grown before that one was made: look again
  }
  return true;
}

Result<bool> Follower::begin_next_file() {
  if (!next_) {
    auto found = find_next();
    if (!found) {
      return fail(std::move(found.error()));
    }
    if (!*found) {
      return false;
    }
    next_ = std::move(*found);
  }
  File file = std::move(*next_);
  next_.reset();
  if (sequence_ != 0) {
    stats_.missing_files += file.sequence - sequence_ - 1;
  }
  if (Status status = begin_file(std::move(file), 0); !status) {
    return fail(std::move(status.error()));
  }
  return true;
}

Status Follower::begin_file(File file, std::uint64_t offset) {
  file_ = std::move(file.file);
  sequence_ = file.sequence;
  base_ = offset;
  begin_ = 0;
  filled_ = 0;
  at_file_end_ = false;
  big_endian_ = false;
  if (offset > 0) {
    std::array<std::byte, min_block> start{};
    auto got = read_at(start.data(), start.size(), 0);
    if (!got) {
      return fail(std::move(got.error()));
    }
    big_endian_ = is_big_endian_section(start);
  }
  return {};
}

// The file after this one. Its number is one more, unless somebody removed files: then the folder is listed, once for
// each time that it changed.
Result<std::optional<Follower::File>> Follower::find_next() {
  std::optional<std::uint32_t> held;
  if (const auto it = held_.upper_bound(sequence_); it != held_.end()) {
    held = it->first;
  }
  const auto take = [&](std::uint32_t sequence) -> Result<std::optional<File>> {
    if (held == sequence) {
      File file{sequence, std::move(held_.at(sequence))};
      held_.erase(sequence);
      return file;
    }
    auto file = open_sequence(sequence);
    if (!file) {
      return fail(std::move(file.error()));
    }
    return *file ? std::optional(File{sequence, std::move(**file)}) : std::nullopt;
  };
  if (sequence_ != 0) {
    auto found = take(sequence_ + 1);
    if (!found || *found) {
      return found;
    }
  }
  struct stat status {};
  if (::stat(directory_.c_str(), &status) != 0) {
    return held ? take(*held) : Result<std::optional<File>>(std::nullopt);
  }
  const std::int64_t changed = status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec;
  if (changed == listed_ && !held) {
    return std::nullopt;
  }
  auto journals = list_journals(directory_);
  if (!journals) {
    return fail(std::move(journals.error()));
  }
  const auto& all = (*journals)[writer_];
  const auto after = std::upper_bound(all.begin(), all.end(), sequence_);
  if (after != all.end() && (!held || *after < *held)) {
    auto found = take(*after);
    if (!found || *found) {
      return found;
    }
    return held ? take(*held) : Result<std::optional<File>>(std::nullopt);  // unlinked this moment: look again later
  }
  if (held) {
    return take(*held);
  }
  listed_ = changed;
  return std::nullopt;
}

Result<std::optional<FileDescriptor>> Follower::open_sequence(std::uint32_t sequence) const {
  const auto path = directory_ / JournalName{writer_, sequence}.to_string();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a fifo of that name must not block
  if (fd >= 0) {
    return FileDescriptor(fd);
  }
  if (errno == ENOENT) {
    return std::nullopt;
  }
  return fail(system_error("cannot open the journal " + path.string()));
}

Result<std::size_t> Follower::read_at(std::byte* out, std::size_t n, std::uint64_t offset) const {
  while (true) {
    const ssize_t got = ::pread(file_.fd(), out, n, static_cast<off_t>(offset));
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) {
      return fail(system_error("cannot read the journal " +
                               (directory_ / JournalName{writer_, sequence_}.to_string()).string()));
    }
  }
}

}  // namespace flowspan::journal
