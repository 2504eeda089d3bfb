// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A journal in a folder of its own, written as a collector writes it, and a sink that remembers.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "flow/sink.hpp"
#include "journal/append.hpp"
#include "journal/pcapng.hpp"
#include "support/netflow_builder.hpp"

namespace flowspan::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "flowspan-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Writes datagrams of `rows` flows each; flow n of the journal has n as its bytes.
class JournalWriter {
 public:
  explicit JournalWriter(const std::filesystem::path& folder, std::uint64_t max_file_bytes = 64 << 20,
                         std::uint32_t first_file = 1) {
    journal::AppendOptions options;
    options.directory = folder;
    options.interfaces = {"udp test"};
    options.max_file_bytes = max_file_bytes;
    options.first_file = first_file;
    appender_ = std::move(*journal::Appender::open(options));
  }

  Position datagrams(std::size_t count, std::size_t rows = 30) {
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<NetflowRecord> records(rows);
      for (NetflowRecord& record : records) record.bytes = written_++;
      const ByteVector payload = netflow_v5({.sequence = sequence_}, records);
      sequence_ += static_cast<std::uint32_t>(rows);
      append(payload);
    }
    return appender_->position();
  }

  Position append(const ByteVector& payload) {
    const Datagram datagram = received(payload, Ip::v4(0x0a010001), time_ += millisecond);
    std::vector<std::byte> block(journal::packet_block_size(datagram, 0));
    journal::write_packet_block(block.data(), datagram, 0, 0);
    Bytes rest = block;
    EXPECT_TRUE(appender_->append(rest));
    return appender_->position();
  }

  std::uint32_t written() const { return written_; }
  Position position() const { return appender_->position(); }

 private:
  std::unique_ptr<journal::Appender> appender_;
  std::uint32_t sequence_ = 0;
  std::uint32_t written_ = 0;
  Time time_ = 1'700'000'000 * second;
};

/// Keeps the `bytes` of all flows committed; fails when told to, as a full disk does: after reading everything.
class RememberingSink final : public flow::SegmentSink {
 public:
  Status commit(const flow::Range& range, flow::Reader& flows, const std::function<flow::Learned()>& learned) override {
    using flow::operator""_field;
    std::vector<std::uint64_t> read;
    flow::FlowBatch batch(range.fields);
    for (;;) {
      const Result<bool> more = flows.read(batch);
      if (!more) return fail(more.error());
      if (!*more) break;
      for (std::size_t row = 0; row < batch.rows(); ++row)
        read.push_back(batch.values<std::uint64_t>("bytes"_field)[row]);
    }
    const flow::Learned after = learned();
    if (failures > 0) {
      --failures;
      return fail("no space left on the disk", ErrorKind::no_space);
    }
    EXPECT_EQ(read.size(), range.rows);
    bytes.insert(bytes.end(), read.begin(), read.end());
    ranges.push_back(range);
    states.push_back(after.state);
    ledgers.push_back(after.ledger);
    return {};
  }

  int failures = 0;
  std::vector<std::uint64_t> bytes;
  std::vector<flow::Range> ranges;
  std::vector<std::string> states;
  std::vector<flow::Ledger> ledgers;
};

/// 0, 1, 2 … count-1.
inline std::vector<std::uint64_t> counting(std::size_t count) {
  std::vector<std::uint64_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = i;
  return numbers;
}

}  // namespace flowspan::test
