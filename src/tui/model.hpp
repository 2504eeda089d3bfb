// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.hpp"
#include "base/time.hpp"

namespace flowspan::tui {

/// One exporter, as the collector counts it.
struct Stream {
  std::string name;  ///< its address, or what the configuration calls it
  Ip ip;
  unsigned version = 0;  ///< of its latest datagram
  double flows_per_datagram = 0;
  double flows_per_second = 0;
  double datagrams_per_second = 0;
  std::optional<double> bits_per_second;  ///< that its flows tell of, as far as flows were seen
  std::uint64_t flows = 0;
  std::uint64_t lost_flows = 0;  ///< missing by sequence number
  bool losing = false;           ///< in the last minute
  std::uint64_t errors = 0;      ///< datagrams that could not be decoded, or not wholly
  Time first_seen = 0;
  Time last_seen = 0;
  std::vector<float> history;  ///< flows/s over the window, the newest last
};

/// One flow, as it was received.
struct Flow {
  std::uint64_t number = 0;  ///< in the order of arrival
  Ip exporter;
  unsigned protocol = 0;
  Ip source;
  Ip destination;
  std::optional<unsigned> source_port;
  std::optional<unsigned> destination_port;
  unsigned tos = 0;
  std::uint64_t bytes = 0;  ///< as exported
  std::uint64_t packets = 0;
  std::optional<Time> first;
  std::optional<Time> last;
  Time received = 0;
};

/// T and C of one source.
struct SourceDuration {
  Ip source;
  std::optional<std::uint64_t> total_ms;  ///< T: the sum of LAST - FIRST + 1 ms; none where no flow has a duration
  std::uint64_t flows = 0;                ///< C
};

/// What one address sent to another.
struct Pair {
  Ip source;
  Ip destination;
  std::uint64_t bytes = 0;  ///< times the sampling rate
  std::uint64_t packets = 0;
  std::uint64_t flows = 0;
};

/// What a question to the store gave.
template <typename Row>
struct Answer {
  std::vector<Row> rows;
  std::string window;      ///< what it is about: "5m", "all"; empty: there is none yet
  Time as_of = 0;          ///< when it was asked
  Duration took = 0;       ///< to answer
  Time asking_since = 0;   ///< 0: nothing is being asked
  std::string note = {};   ///< what the rows leave out
  std::string error = {};  ///< why the last question failed
};

/// Who collects, and what it counts since its start.
struct Collecting {
  enum class State {
    no_store,  ///< the folder is not there
    nobody,    ///< no collector runs
    running,
    silent,  ///< it lives and has told nothing for some seconds
    gone,    ///< it was killed or crashed
  };
  State state = State::no_store;
  std::uint64_t pid = 0;
  Time started = 0;
  Time heard = 0;  ///< when it told its counters last
  double flows_per_second = 0;
  double datagrams_per_second = 0;
  std::optional<double> bits_per_second;  ///< that the flows tell of
  std::uint64_t flows = 0;
  std::uint64_t lost_flows = 0;
  std::uint64_t drops = 0;   ///< datagrams: kernel, ring and journal
  std::uint64_t errors = 0;  ///< datagrams that could not be decoded, or not wholly
  std::uint64_t journal_bytes = 0;
  std::vector<float> history;  ///< flows/s over the window, the newest last
};

struct Message {
  Time when = 0;
  bool serious = false;
  std::string text;
};

/// All that the screen shows, as of one moment.
struct Model {
  Time now = 0;
  std::string store;
  Collecting collecting;
  std::vector<Stream> streams;
  std::uint64_t streams_left_out = 0;
  std::vector<Flow> flows;  ///< the newest last
  /// One of so many flows that came was looked at since the last refresh; 1: all of them.
  double one_of = 1;
  bool flows_are_stored = false;  ///< they were asked from the store, as nothing new comes
  Answer<SourceDuration> durations;
  Answer<Pair> pairs;
  std::vector<Message> messages;  ///< the newest last
};

}  // namespace flowspan::tui
