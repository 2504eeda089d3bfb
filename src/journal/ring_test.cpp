// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/ring.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>

#include "journal/intake.hpp"
#include "journal/journal_test.hpp"
#include "journal/wire_order.hpp"

namespace flowspan::journal {
namespace {

using namespace testing;  // of this folder

std::unique_ptr<Ring> make_ring(std::size_t bytes) {
  auto ring = Ring::create(bytes);
  if (!ring) std::abort();
  return std::move(*ring);
}

// A block of a type of its own, filled with its number.
void fill_block(std::byte* out, std::size_t size, std::uint32_t number) {
  for (std::size_t i = 0; i + 4 <= size; i += 4) put_le32(out + i, number);
  put_le32(out + 4, static_cast<std::uint32_t>(size));
  put_le32(out + size - 4, static_cast<std::uint32_t>(size));
}

bool put_block(Ring& ring, std::size_t size, std::uint32_t number) {
  std::byte* const out = ring.try_reserve(size);
  if (out == nullptr) return false;
  fill_block(out, size, number);
  ring.publish(size);
  return true;
}

TEST(Ring, GivesBlocksInOrderUntilItIsEmpty) {
  auto ring = make_ring(4096);
  EXPECT_TRUE(ring->peek().empty());
  EXPECT_TRUE(put_block(*ring, 16, 1));
  EXPECT_TRUE(put_block(*ring, 32, 2));
  EXPECT_EQ(ring->used(), 48u);
  const Bytes region = ring->peek();
  ASSERT_EQ(region.size(), 48u);
  EXPECT_EQ(get_le32(region.data()), 1u);
  EXPECT_EQ(get_le32(region.data() + 16), 2u);
  ring->release(16);
  EXPECT_EQ(get_le32(ring->peek().data()), 2u);
  ring->release(32);
  EXPECT_TRUE(ring->peek().empty());
  EXPECT_EQ(ring->used(), 0u);
  EXPECT_EQ(ring->high_water(), 48u);
}

TEST(Ring, AnUnpublishedReservationIsForgotten) {
  auto ring = make_ring(4096);
  EXPECT_NE(ring->try_reserve(4000), nullptr);
  EXPECT_TRUE(ring->peek().empty());
  ring->publish(0);
  EXPECT_TRUE(ring->peek().empty());
  EXPECT_NE(ring->try_reserve(100), nullptr);
  ring->publish(60);  // fewer than reserved
  EXPECT_EQ(ring->peek().size(), 60u);
  ring->publish(40);  // nothing is reserved any more
  EXPECT_EQ(ring->peek().size(), 60u);
}

TEST(Ring, IsFullAtItsCapacityAndNotBefore) {
  auto ring = make_ring(4096);
  EXPECT_EQ(ring->capacity(), 4096u);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_TRUE(put_block(*ring, 1024, i));
  EXPECT_EQ(ring->try_reserve(1), nullptr);
  EXPECT_EQ(ring->used(), 4096u);
  EXPECT_EQ(ring->peek().size(), 4096u);
  ring->release(1024);
  EXPECT_TRUE(put_block(*ring, 1024, 4));
  EXPECT_EQ(ring->try_reserve(1), nullptr);
}

TEST(Ring, RefusesWhatItNeverHolds) {
  auto ring = make_ring(4096);
  EXPECT_EQ(ring->try_reserve(0), nullptr);
  EXPECT_EQ(ring->try_reserve(4097), nullptr);
  EXPECT_FALSE(Ring::create(0));
}

TEST(Ring, AllOfItCanBeReservedWheneverItIsEmpty) {
  auto ring = make_ring(4096);
  for (std::uint32_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(put_block(*ring, 16 + i * 4, i));
    ring->release(ring->peek().size());
    ASSERT_TRUE(put_block(*ring, 4096, i)) << i;  // the consumer has not even looked at the wrap
    ASSERT_EQ(ring->peek().size(), 4096u);
    ring->release(4096);
  }
}

TEST(Ring, ABlockThatDoesNotFitBeforeTheEndStartsAtTheBeginning) {
  auto ring = make_ring(4096);
  ASSERT_TRUE(put_block(*ring, 3000, 1));
  ASSERT_TRUE(put_block(*ring, 1000, 2));
  ring->release(3000);
  ASSERT_TRUE(put_block(*ring, 2000, 3));
  EXPECT_EQ(ring->used(), 1000u + 96 + 2000);
  EXPECT_EQ(ring->peek().size(), 1000u);
  ring->release(1000);
  const Bytes wrapped = ring->peek();
  ASSERT_EQ(wrapped.size(), 2000u);
  EXPECT_EQ(get_le32(wrapped.data()), 3u);
}

TEST(Ring, TouchesLittleMemoryWhileTheConsumerKeepsUp) {
  auto ring = make_ring(64 * 1024 * 1024);
  const std::byte* lowest = nullptr;
  const std::byte* highest = nullptr;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(put_block(*ring, 1500, i));
    const Bytes region = ring->peek();
    lowest = lowest == nullptr ? region.data() : std::min(lowest, region.data());
    highest = std::max(highest, region.data() + region.size());
    ring->release(region.size());
  }
  EXPECT_LE(static_cast<std::size_t>(highest - lowest), Ring::hot_bytes + 1500);
}

TEST(Ring, AStandingConsumerLeavesTheWholeCapacityAfterAnEarlyWrap) {
  auto ring = make_ring(4 * 1024 * 1024);
  while (ring->used() < Ring::hot_bytes) ASSERT_TRUE(put_block(*ring, 4096, 0));
  ring->release(ring->peek().size());
  std::uint32_t blocks = 0;  // the consumer does nothing more
  while (put_block(*ring, 4096, blocks)) ++blocks;
  EXPECT_EQ(blocks, 1024u);
  EXPECT_EQ(ring->used(), ring->capacity());
  EXPECT_EQ(ring->peek().size(), ring->capacity());
}

TEST(Ring, ARegionIsCutBetweenBlocks) {
  auto ring = make_ring(64 * 1024);
  for (std::uint32_t i = 0; i < 10; ++i) ASSERT_TRUE(put_block(*ring, 1000, i));
  EXPECT_EQ(ring->peek(2500).size(), 2000u);
  EXPECT_EQ(ring->peek(10).size(), 1000u);
  EXPECT_EQ(ring->peek().size(), 10'000u);
}

// Blocks of random sizes through a small and a larger ring between two threads: all come out, once, in order, whole.
TEST(Ring, TwoThreadsAgreeOnEveryBlock) {
  for (const std::size_t capacity : {std::size_t{8192}, std::size_t{3 * 4096}, 4 * Ring::hot_bytes}) {
    auto ring = make_ring(capacity);
    constexpr std::uint32_t blocks = 50'000;
    std::thread producer([&] {
      std::mt19937 random(1);
      for (std::uint32_t i = 0; i < blocks; ++i) {
        const std::size_t size = 16 + random() % 1000 * 4;
        while (!put_block(*ring, size, i)) std::this_thread::yield();
      }
    });
    std::mt19937 random(1);
    std::mt19937 pace(2);
    std::uint32_t next = 0;
    while (next < blocks) {
      const Bytes region = pace() % 2 == 0 ? ring->peek() : ring->peek(4096);
      if (region.empty()) {
        std::this_thread::yield();
        continue;
      }
      std::size_t at = 0;
      const std::size_t take = pace() % 4 == 0 ? 1 : region.size();  // one block or all
      while (at < take) {
        const std::size_t size = 16 + random() % 1000 * 4;
        ASSERT_LE(at + size, region.size());
        ASSERT_EQ(get_le32(region.data() + at), next);
        ASSERT_EQ(get_le32(region.data() + at + 4), size);
        ASSERT_EQ(get_le32(region.data() + at + size - 4), size);
        at += size;
        ++next;
      }
      ring->release(at);
      ASSERT_LE(ring->used(), ring->capacity());
    }
    producer.join();
    EXPECT_TRUE(ring->peek().empty());
    EXPECT_LE(ring->high_water(), ring->capacity());
  }
}

TEST(Intake, WritesWhatDidNotFitAsALossBeforeTheNextDatagram) {
  auto ring = make_ring(4096);
  Intake intake(*ring, 2);
  const Sample made = sample(1, 1024 - 60);  // four blocks fill the ring
  while (intake.put(made.datagram(), 1, 0)) {
  }
  EXPECT_FALSE(intake.put(made.datagram(), 1, 7));  // what the kernel dropped before it is not forgotten
  EXPECT_EQ(intake.ring_drops(), 2u);
  EXPECT_FALSE(intake.flush());
  const TemporaryFolder folder;
  const auto path = journal_path(folder.path(), 1);
  write_file(path, header());
  const auto drain = [&] {
    while (!ring->peek().empty()) {
      const Bytes region = ring->peek();
      append_file(path, region);
      ring->release(region.size());
    }
  };
  drain();
  EXPECT_TRUE(intake.put(made.datagram(), 1, 1));
  drain();
  intake.add_kernel_drops(0, 5, 3);
  EXPECT_TRUE(intake.flush());
  EXPECT_TRUE(intake.flush());
  drain();
  auto follower = follow(folder.path());
  EXPECT_EQ(take_all(*follower).size(), 5u);
  EXPECT_EQ(follower->stats().ring_drops, 2u);
  EXPECT_EQ(follower->stats().kernel_drops, 7u + 1 + 5);
  EXPECT_EQ(follower->stats().damaged_blocks, 0u);
}

TEST(Intake, CountsAPayloadThatNoDatagramHas) {
  auto ring = make_ring(1024 * 1024);
  Intake intake(*ring, 1);
  EXPECT_FALSE(intake.put(sample(1, max_payload_v4 + 1).datagram(), 0, 0));
  EXPECT_EQ(intake.ring_drops(), 1u);
}

}  // namespace
}  // namespace flowspan::journal
