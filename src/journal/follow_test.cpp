// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/follow.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "journal/append.hpp"
#include "journal/intake.hpp"
#include "journal/journal_test.hpp"
#include "journal/wire_order.hpp"

namespace flowspan::journal {
namespace {

using namespace testing;  // of this folder

class FollowerTest : public ::testing::Test {
 protected:
  std::filesystem::path path(std::uint32_t sequence) const { return journal_path(folder_.path(), sequence); }
  std::unique_ptr<Follower> follow(Position from = {}) const { return testing::follow(folder_.path(), from); }

  TemporaryFolder folder_;
};

TEST_F(FollowerTest, WaitsForTheFirstFileAndForEveryDatagram) {
  const auto follower = follow();
  EXPECT_FALSE(take(*follower));
  EXPECT_EQ(follower->position(), Position{});
  write_file(path(1), header());
  EXPECT_FALSE(take(*follower));
  for (std::uint32_t i = 0; i < 300; ++i) {
    const Sample sent = sample(i, i * 30);
    append_file(path(1), packet_block(sent));
    EXPECT_EQ(take(*follower), sent);
    EXPECT_FALSE(take(*follower));
    EXPECT_EQ(follower->position(), (Position{1, std::filesystem::file_size(path(1))}));
  }
  EXPECT_EQ(follower->stats().datagrams, 300u);
}

TEST_F(FollowerTest, ReadsTheLongestDatagramsAcrossItsBuffer) {
  Buffer all = header();
  std::vector<Sample> sent;
  for (std::uint32_t i = 0; i < 40; ++i) {
    sent.push_back(sample(i, max_payload_v4 - i));
    all = all + packet_block(sent.back());
  }
  write_file(path(1), all);
  EXPECT_EQ(take_all(*follow()), sent);
}

TEST_F(FollowerTest, WaitsAtABlockTornAtAnyByteAndGoesOnWhenItIsWhole) {
  const std::vector<Sample> sent{sample(1, 40), sample(2, 61), sample(3, 20)};
  const Buffer before = header() + packet_block(sent[0]);
  const Buffer last = packet_block(sent[1], 9);
  for (std::size_t cut = 0; cut < last.size(); ++cut) {
    write_file(path(1), before + Buffer(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(cut)));
    const auto follower = follow();
    EXPECT_EQ(take_all(*follower).size(), 1u);
    EXPECT_FALSE(take(*follower));
    EXPECT_EQ(follower->position(), (Position{1, before.size()})) << cut;
    append_file(path(1), Buffer(last.begin() + static_cast<std::ptrdiff_t>(cut), last.end()));
    EXPECT_EQ(take(*follower), sent[1]) << cut;
    EXPECT_EQ(follower->stats().damaged_blocks, 0u);
    EXPECT_EQ(follower->stats().kernel_drops, 9u);
    append_file(path(1), packet_block(sent[2]));
    EXPECT_EQ(take(*follower), sent[2]) << cut;
  }
}

TEST_F(FollowerTest, AcceptsThatATornBlockIsCutOffAndAnotherOneWritten) {
  const Buffer first = header() + packet_block(sample(1, 100));
  const Buffer torn = packet_block(sample(2, 100));
  write_file(path(1), first + Buffer(torn.begin(), torn.end() - 10));
  const auto follower = follow();
  EXPECT_EQ(take_all(*follower).size(), 1u);
  std::filesystem::resize_file(path(1), first.size());
  EXPECT_FALSE(take(*follower));
  append_file(path(1), packet_block(sample(3, 100)));
  EXPECT_EQ(take(*follower), sample(3, 100));
  EXPECT_EQ(follower->stats().damaged_blocks, 0u);
}

TEST_F(FollowerTest, CountsABlockTornAtTheEndOfAFileThatAnotherFollows) {
  const Buffer before = header() + packet_block(sample(1, 40));
  const Buffer last = packet_block(sample(2, 60));
  write_file(path(2), header() + packet_block(sample(3, 10)));
  for (std::size_t cut = 0; cut < last.size(); ++cut) {
    write_file(path(1), before + Buffer(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(cut)));
    const auto follower = follow();
    EXPECT_EQ(take_all(*follower), (std::vector<Sample>{sample(1, 40), sample(3, 10)})) << cut;
    EXPECT_EQ(follower->stats().damaged_blocks, cut == 0 ? 0u : 1u);
    EXPECT_EQ(follower->stats().skipped_bytes, cut);
  }
}

TEST_F(FollowerTest, NoDamagedByteCostsMoreThanItsBlock) {
  const std::vector<Sample> sent{sample(1, 41), sample(2, 64), sample(3, 5)};
  std::vector<std::size_t> starts{header().size()};
  Buffer whole = header();
  for (const Sample& made : sent) {
    whole = whole + packet_block(made, 3);
    starts.push_back(whole.size());
  }
  write_file(path(1), whole);
  write_file(path(2), header() + packet_block(sample(4, 8)));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
      Buffer damaged = whole;
      damaged[at] ^= static_cast<std::byte>(flip);
      overwrite_file(path(1), damaged);
      const auto follower = follow();
      const std::vector<Sample> got = take_all(*follower);
      for (std::size_t i = 0; i < sent.size(); ++i) {
        if (at < starts[i] || at >= starts[i + 1]) {
          EXPECT_EQ(std::count(got.begin(), got.end(), sent[i]), 1) << "block " << i << ", byte " << at << ", " << flip;
        }
      }
      ASSERT_FALSE(got.empty());
      EXPECT_EQ(got.back(), sample(4, 8)) << at;
      EXPECT_LE(got.size(), 4u);
      const FollowStats& stats = follower->stats();
      EXPECT_LE(stats.damaged_blocks, 1u) << at;
      EXPECT_LE(stats.skipped_bytes, 300u) << at;
      EXPECT_TRUE(got.size() == 4 || stats.damaged_blocks + stats.other_packets + stats.other_blocks == 1) << at;
    }
  }
}

TEST_F(FollowerTest, DamageInALastFileDoesNotHideWhatFollows) {
  const std::vector<Sample> sent{sample(1, 41), sample(2, 64), sample(3, 5)};
  const Buffer first = header() + packet_block(sent[0]);
  const Buffer second = packet_block(sent[1]);
  for (const std::size_t at : {std::size_t{5}, std::size_t{7}, std::size_t{21}, std::size_t{23}, second.size() - 1}) {
    Buffer damaged = second;
    damaged[at] ^= std::byte{0xff};
    write_file(path(1), first + damaged + packet_block(sent[2]));
    const auto follower = follow();
    EXPECT_EQ(take_all(*follower), (std::vector<Sample>{sent[0], sent[2]})) << at;
    EXPECT_EQ(follower->stats().damaged_blocks, 1u);
    EXPECT_EQ(follower->stats().skipped_bytes, second.size());
  }
}

// As a power cut may leave it: the length of the file is there, its bytes are not.
TEST_F(FollowerTest, SkipsMoreZerosThanItsBufferHolds) {
  const Buffer zeros(1'000'004);
  write_file(path(1), header() + packet_block(sample(1, 9)) + zeros);
  const auto follower = follow();
  EXPECT_EQ(take_all(*follower).size(), 1u);
  const Position before{1, header().size() + packet_block(sample(1, 9)).size()};
  EXPECT_EQ(follower->position(), before);  // not yet known to be damage
  EXPECT_EQ(follower->stats().damaged_blocks, 0u);
  append_file(path(1), packet_block(sample(2, 9)) + zeros);
  EXPECT_EQ(take(*follower), sample(2, 9));
  EXPECT_EQ(follower->stats().damaged_blocks, 1u);
  EXPECT_EQ(follower->stats().skipped_bytes, zeros.size());
  write_file(path(2), header() + packet_block(sample(3, 9)));
  EXPECT_EQ(take(*follower), sample(3, 9));
  EXPECT_EQ(follower->stats().damaged_blocks, 2u);
  EXPECT_EQ(follower->stats().skipped_bytes, 2 * zeros.size());
}

TEST_F(FollowerTest, APayloadThatLooksLikeABlockIsNotTakenForOne) {
  Sample trap = sample(1, 0);
  trap.payload = packet_block(sample(9, 30)) + packet_block(sample(9, 30));
  write_file(path(1), header() + packet_block(trap) + packet_block(sample(2, 1)));
  EXPECT_EQ(take_all(*follow()), (std::vector<Sample>{trap, sample(2, 1)}));
}

TEST_F(FollowerTest, GoesOnFromEveryPosition) {
  const auto appender =
      Appender::open({.directory = folder_.path(), .interfaces = {"udp [::]:2055"}, .max_file_bytes = 3000});
  ASSERT_TRUE(appender);
  std::vector<Sample> sent;
  for (std::uint32_t i = 0; i < 60; ++i) {
    sent.push_back(sample(i, i * 11));
    const Buffer block = packet_block(sent.back());
    Bytes blocks = block;
    ASSERT_TRUE((*appender)->append(blocks));
  }
  const auto follower = follow();
  for (std::size_t read = 0; read <= sent.size(); ++read) {
    const Position position = follower->position();
    const auto rest = take_all(*follow(position));
    EXPECT_TRUE(std::equal(rest.begin(), rest.end(), sent.begin() + static_cast<std::ptrdiff_t>(read), sent.end()))
        << read;
    const auto upto = follow();
    upto->stop_at(position);
    EXPECT_EQ(take_all(*upto).size(), read);
    EXPECT_FALSE(take(*upto));
    upto->stop_at(Position{~std::uint32_t{0}, 0});
    EXPECT_EQ(take_all(*upto).size(), sent.size() - read);
    EXPECT_EQ(take(*follower).has_value(), read < sent.size());
  }
}

TEST_F(FollowerTest, KeepsFilesThatAreUnlinkedMeanwhile) {
  for (std::uint32_t i = 1; i <= 4; ++i) write_file(path(i), header() + packet_block(sample(i, 10)));
  const auto follower = follow({1, 0});
  ASSERT_TRUE(follower->open_through({3, 1'000'000}));
  for (std::uint32_t i = 1; i <= 3; ++i) std::filesystem::remove(path(i));
  EXPECT_EQ(take_all(*follower), (std::vector<Sample>{sample(1, 10), sample(2, 10), sample(3, 10)}));
  EXPECT_EQ(follower->stats().missing_files, 0u);
  follower->stop_at({4, 1'000'000});
  EXPECT_EQ(take(*follower), sample(4, 10));
}

TEST_F(FollowerTest, SaysThatFilesWereRemovedBeforeTheyCouldBeOpened) {
  for (std::uint32_t i = 1; i <= 4; ++i) write_file(path(i), header() + packet_block(sample(i, 10)));
  const auto follower = follow({1, 0});
  for (std::uint32_t i = 1; i <= 2; ++i) std::filesystem::remove(path(i));
  const Status status = follower->open_through({4, 0});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::not_found);
}

TEST_F(FollowerTest, AMissingFirstFileIsNotFoundAndAMissingLaterOneIsCounted) {
  write_file(path(3), header() + packet_block(sample(3, 10)));
  const auto missing = Follower::open(folder_.path(), 0, {2, 0});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  const auto follower = follow({3, 0});
  EXPECT_EQ(take_all(*follower).size(), 1u);
  write_file(path(6), header() + packet_block(sample(6, 10)));
  EXPECT_EQ(take(*follower), sample(6, 10));
  EXPECT_EQ(follower->stats().missing_files, 2u);
}

TEST_F(FollowerTest, APositionBehindTheEndOfAFileReadsOnInTheNext) {
  write_file(path(1), header());
  const auto follower = follow({1, 5000});
  EXPECT_FALSE(take(*follower));
  write_file(path(2), header() + packet_block(sample(2, 10)));
  EXPECT_EQ(take(*follower), sample(2, 10));
  EXPECT_EQ(follower->stats().damaged_blocks, 0u);
}

TEST_F(FollowerTest, PassesOverEmptyFilesAndUnknownBlocks) {
  Buffer unknown(20, std::byte{1});
  put_le32(unknown.data(), 0x0bad);
  put_le32(unknown.data() + 4, 20);
  put_le32(unknown.data() + 16, 20);
  write_file(path(1), {});
  write_file(path(2), header() + unknown + packet_block(sample(1, 10)) + unknown);
  const auto follower = follow();
  EXPECT_EQ(take_all(*follower).size(), 1u);
  EXPECT_EQ(follower->stats().other_blocks, 2u);
  EXPECT_EQ(follower->stats().damaged_blocks, 0u);
}

TEST_F(FollowerTest, CountsPacketsThatAreNotOurs) {
  Buffer tcp = packet_block(sample(1, 40));
  tcp[28 + 9] = std::byte{6};
  put_be16(tcp.data() + 38, static_cast<std::uint16_t>(get_be16(tcp.data() + 38) + 11));  // the checksum, likewise
  write_file(path(1), header() + tcp + packet_block(sample(2, 40)));
  const auto follower = follow();
  EXPECT_EQ(take_all(*follower), (std::vector<Sample>{sample(2, 40)}));
  EXPECT_EQ(follower->stats().other_packets, 1u);
  EXPECT_EQ(follower->stats().damaged_blocks, 0u);
}

// Turns the numbers of a block that this program wrote around.
Buffer big_endian(Buffer block) {
  const auto type = get_le32(block.data());
  std::vector<std::size_t> words{0, 4, block.size() - 4};
  if (type == 6) {
    words.insert(words.end(), {8, 12, 16, 20, 24});
    const std::size_t options = 28 + (get_le32(block.data() + 20) + 3) / 4 * 4;
    if (options + 4 < block.size()) {
      std::swap(block[options], block[options + 1]);
      std::swap(block[options + 2], block[options + 3]);
      std::reverse(block.begin() + static_cast<std::ptrdiff_t>(options) + 4,
                   block.begin() + static_cast<std::ptrdiff_t>(options) + 12);
    }
  } else {
    words.push_back(8);
  }
  for (const std::size_t word : words) put_be32(block.data() + word, get_le32(block.data() + word));
  return block;
}

TEST_F(FollowerTest, ReadsBigEndianFilesFromTheStartAndFromTheMiddle) {
  const Buffer section = header({});
  const Buffer one = packet_block(sample(1, 33), 5);
  write_file(path(1), big_endian(section) + big_endian(one) + big_endian(packet_block(sample(2, 7))));
  write_file(path(2), section + packet_block(sample(3, 7)));
  const auto follower = follow();
  EXPECT_EQ(take_all(*follower), (std::vector<Sample>{sample(1, 33), sample(2, 7), sample(3, 7)}));
  EXPECT_EQ(follower->stats().kernel_drops, 5u);
  const auto middle = follow({1, section.size() + one.size()});
  EXPECT_EQ(take_all(*middle), (std::vector<Sample>{sample(2, 7), sample(3, 7)}));
  EXPECT_EQ(middle->stats().damaged_blocks, 0u);
}

TEST_F(FollowerTest, TellsDropsOnceAndAlwaysInStepWithItsPosition) {
  Buffer loss(loss_block_size);
  write_loss_block(loss.data(), {1, 2, 30, 4}, 0);
  write_file(path(1), header() + packet_block(sample(1, 10), 100) + loss);
  const auto first = follow();
  EXPECT_TRUE(take(*first));
  EXPECT_EQ(first->stats().kernel_drops, 100u);
  EXPECT_EQ(first->stats().ring_drops, 0u);
  const auto second = follow(first->position());
  EXPECT_FALSE(take(*first));
  EXPECT_EQ(first->stats().ring_drops, 30u);
  EXPECT_EQ(first->stats().kernel_drops, 104u);
  EXPECT_FALSE(take(*second));
  EXPECT_EQ(second->stats().ring_drops, 30u);
  EXPECT_EQ(second->stats().kernel_drops, 4u);
  const auto third = follow(first->position());
  EXPECT_FALSE(take(*third));
  EXPECT_EQ(third->stats().ring_drops, 0u);
}

// The whole way while it happens: one thread receives into a small ring, one journals into small files, two follow; what
// was lost on the way is told by the journal itself.
TEST_F(FollowerTest, EveryDatagramArrivesOnceAndEveryLossIsTold) {
  auto ring = Ring::create(64 * 1024);
  auto appender = Appender::open(
      {.directory = folder_.path(), .interfaces = {"udp [::]:2055", "udp [::]:4739"}, .max_file_bytes = 100'000});
  ASSERT_TRUE(ring && appender);
  constexpr std::uint32_t datagrams = 20'000;
  std::atomic<bool> received{false};
  std::atomic<bool> journalled{false};
  std::uint64_t dropped = 0;
  std::thread receiver([&] {
    Intake intake(**ring, 2);
    for (std::uint32_t i = 0; i < datagrams; ++i) {
      intake.put(sample(i, i % 1500).datagram(), i % 2, i % 100 == 0 ? 1 : 0);
      if (i % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    while (!intake.flush()) std::this_thread::yield();
    dropped = intake.ring_drops();
    received = true;
  });
  std::thread journal([&] {
    while (true) {
      const bool last = received;
      Bytes blocks = (*ring)->peek(32 * 1024);
      const std::size_t size = blocks.size();
      if (size == 0 && last) break;
      EXPECT_TRUE((*appender)->append(blocks));
      EXPECT_TRUE((*appender)->sync_due(monotonic_now()));
      (*ring)->release(size);
      if (size == 0) std::this_thread::yield();
    }
    journalled = true;
  });
  const auto read_all = [&] {
    const auto follower = follow();
    std::uint32_t next = 0;  // the sender's address counts
    while (true) {
      const bool last = journalled;
      auto got = take(*follower);
      if (!got) {
        if (last) break;
        std::this_thread::yield();
        continue;
      }
      const std::uint32_t number = got->from.ip.as_v4() - 0x0a000000;
      EXPECT_GE(number, next);
      EXPECT_EQ(*got, sample(number, number % 1500));
      next = number + 1;
    }
    return follower->stats();
  };
  FollowStats other;
  std::thread reader([&] { other = read_all(); });
  const FollowStats stats = read_all();
  receiver.join();
  journal.join();
  reader.join();
  for (const FollowStats& told : {stats, other}) {
    EXPECT_EQ(told.datagrams + told.ring_drops, datagrams);
    EXPECT_EQ(told.ring_drops, dropped);
    EXPECT_EQ(told.kernel_drops, datagrams / 100);
    EXPECT_EQ(told.damaged_blocks + told.missing_files + told.other_blocks + told.other_packets, 0u);
  }
}

}  // namespace
}  // namespace flowspan::journal
