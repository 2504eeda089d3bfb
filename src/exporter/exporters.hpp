// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/datagram.hpp"
#include "base/result.hpp"
#include "exporter/counters.hpp"
#include "exporter/lru_table.hpp"
#include "exporter/sequence.hpp"

namespace flowspan::exporter {

/// Senders of flows that are remembered; the one not heard for longest is forgotten for a new one.
inline constexpr std::size_t max_exporters = 65'536;
/// Senders that never sent a flow, which are remembered one by one. All beyond are counted together.
inline constexpr std::size_t max_strangers = 1'024;
/// Sequences (version, engine type, engine id, scheme) of one exporter, and of all together. The first of an exporter is
/// always granted; beyond, the exporter's least recently used is forgotten for a new one.
inline constexpr std::size_t max_engines = 64;
inline constexpr std::size_t max_engines_of_all = 131'072;

/// What is known of one address that sent something.
struct Sender {
  Ip ip;
  Counters counters;
  Time first_seen = 0;             ///< received time of the first datagram
  Time last_seen = 0;              ///< and of the latest
  std::uint16_t last_version = 0;  ///< version word of the latest datagram
  std::uint16_t last_port = 0;     ///< UDP port the latest datagram came from

  /// Mean; 0 before the first datagram.
  double flows_per_datagram() const {
    return counters.datagrams == 0 ? 0 : static_cast<double>(counters.flows) / static_cast<double>(counters.datagrams);
  }
};

/// A sender of flows, by address alone: what comes from a thousand of its ports is one exporter's.
struct Exporter : Sender {
  Engines engines;
};

/// All that is remembered of all senders. Bounded whatever they send: see the constants above. A function of the
/// datagrams alone: the same datagrams after the same state give the same state. Copyable. Not thread-safe.
class Exporters {
 public:
  Exporters();

  /// The exporter that sent a datagram with flows in it, which is hereby counted. A stranger becomes an exporter and
  /// brings its counters. The reference is good until the next call.
  Exporter& exporter(const Datagram& datagram, std::uint16_t version);
  /// Counts a datagram without flows.
  void refuse(const Datagram& datagram, std::uint16_t version, Reason reason);
  /// Tells the exporter's sequence of flows about a datagram of it; counts losses.
  SequenceNews observe(Exporter& exporter, const EngineKey& engine, const Numbered& datagram);

  /// An engine's datagram says that it has flows `from` .. `from + count`, and they can not be read. Only where the engine
  /// is known.
  void note_damaged(const Ip& exporter, const EngineKey& engine, std::uint32_t from, std::uint32_t count);
  /// Datagrams were dropped on this machine before the next one that is told of. Without this all that is missing was
  /// lost on the way.
  Drops& drops() { return drops_; }

  /// Of everything ever, forgotten senders included. Adds up all senders: not for every datagram.
  Counters totals() const;
  std::size_t size() const { return exporters_.size(); }
  std::size_t stranger_count() const { return strangers_.size(); }
  std::size_t engine_count() const { return engine_count_; }
  /// Exporters forgotten for want of room.
  std::uint64_t forgotten() const { return forgotten_; }
  /// Datagrams without flows of senders for which the table of strangers had no room; and of exporters since forgotten.
  const Counters& others() const { return others_; }
  /// nullptr when the address is no (remembered) exporter.
  const Exporter* find(const Ip& ip) const { return exporters_.find(ip); }
  /// The same of an address that may also be one that never sent a flow.
  const Sender* find_sender(const Ip& ip) const {
    if (const Sender* known = exporters_.find(ip)) return known;
    return strangers_.find(ip);
  }
  /// f(const Exporter&), the latest heard first.
  template <typename F>
  void for_each(F&& f) const {
    exporters_.for_each(f);
  }
  /// f(const Sender&) for those that never sent a flow, the latest heard first.
  template <typename F>
  void for_each_stranger(F&& f) const {
    strangers_.for_each(f);
  }

  /// The whole state, as CBOR with a format number. load(save()) goes on exactly like the original.
  std::string save() const;
  /// Unknown keys are skipped. ErrorKind::newer_format when a later flowspan has changed the meaning.
  static Result<Exporters> load(std::string_view saved);

  /// Takes out the senders whose address fits: when the number of workers changes. Others and forgotten stay.
  Exporters take_if(const std::function<bool(const Ip&)>& fits);
  /// Adds the other's senders, in the order in which they were last heard; of the same address, the counters add and the
  /// sequences of the one heard later win.
  void merge(Exporters&& other);

 private:
  Exporter& add(Exporter exporter);
  void add(const Sender& stranger);

  LruTable<Exporter> exporters_;
  LruTable<Sender> strangers_;
  Drops drops_;
  Counters others_;
  std::uint64_t forgotten_ = 0;
  std::size_t engine_count_ = 0;
};

}  // namespace flowspan::exporter
