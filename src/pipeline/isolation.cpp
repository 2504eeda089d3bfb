// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
// How a datagram that kills the decoder is found: a child process decodes, and tells through shared memory where it is.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <memory>

#include "base/file.hpp"
#include "flow/batch.hpp"
#include "journal/follow.hpp"
#include "journal/names.hpp"
#include "journal/pcapng.hpp"
#include "pipeline/recovery.hpp"
#include "wire/decode.hpp"

#include <fcntl.h>

namespace flowspan::pipeline {
namespace {

/// Where the child is; read by the parent after the child's death.
struct Place {
  Position after;   // of the previous datagram's block
  Position end;     // of this datagram's block
  Time received;
  Endpoint from;
  Endpoint to;
  bool decoding;
};

struct Unmap {
  void operator()(Place* place) const { munmap(place, sizeof(Place)); }
};

constexpr int child_done = 0;
constexpr int child_failed = 3;

int decode_all(const RecoveryOptions& options, const WriterStart& start, Place& place) {
  exporter::Exporters exporters;
  if (!start.state.empty()) {
    auto loaded = exporter::Exporters::load(start.state);
    if (!loaded) return child_failed;
    exporters = std::move(*loaded);
  }
  auto journal = journal::Follower::open(options.journal_directory, options.writer, start.position);
  if (!journal) return child_failed;
  SkippingReader datagrams(**journal, options.quarantined);
  flow::FlowBatch batch;
  place.after = (*journal)->position();
  for (Datagram datagram;;) {
    const Result<bool> more = datagrams.next(datagram);
    if (!more) return child_failed;
    if (!*more) return child_done;
    place.end = (*journal)->position();
    place.received = datagram.received;
    place.from = datagram.from;
    place.to = datagram.to;
    place.decoding = true;
    batch.clear();
    wire::decode(datagram, exporters, batch);
    batch.seal();
    place.decoding = false;
    place.after = place.end;
  }
}

}  // namespace

Result<std::optional<Killer>> find_killer(const RecoveryOptions& options, const WriterStart& start) {
  void* const shared = mmap(nullptr, sizeof(Place), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return fail(system_error("cannot share memory with the decoding child"));
  const std::unique_ptr<Place, Unmap> place(new (shared) Place{});
  const pid_t child = fork();
  if (child < 0) return fail(system_error("cannot start the decoding child"));
  if (child == 0) _exit(decode_all(options, start, *place));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail(system_error("cannot wait for the decoding child"));
  if (!place->decoding) return std::optional<Killer>();
  Killer killer;
  killer.position = place->after.file == place->end.file ? place->after : Position{place->end.file, 0};
  killer.length = place->end.offset - killer.position.offset;
  killer.datagram = Datagram{place->received, place->from, place->to, {}};
  killer.reason = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) + " (" +
                                            strsignal(WTERMSIG(status)) + ")"
                                      : "exit code " + std::to_string(WEXITSTATUS(status));
  return std::optional<Killer>(std::move(killer));
}

Status copy_stretch(const RecoveryOptions& options, Position from, std::uint64_t length,
                    const std::filesystem::path& file) {
  const auto source = options.journal_directory / journal::JournalName{options.writer, from.file}.to_string();
  auto in = open_file(source, O_RDONLY);
  if (!in) return fail(in.error());
  auto out = open_file(file, O_WRONLY | O_CREAT | O_TRUNC);
  if (!out) return fail(out.error());
  if (from.offset > 0) {
    // A stretch from the middle of a file needs a header of its own, with as many interfaces as a block may name.
    const std::vector<std::string> interfaces(64, "quarantine");
    const auto header = journal::file_header(interfaces);
    if (Status written = write_all(out->fd(), header, file); !written) return written;
  }
  std::vector<std::byte> buffer(1 << 20);
  for (std::uint64_t done = 0; done < length;) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), length - done);
    const ssize_t got = pread(in->fd(), buffer.data(), wanted, static_cast<off_t>(from.offset + done));
    if (got < 0) return fail(system_error("cannot read " + source.string()));
    if (got == 0) break;
    if (Status written = write_all(out->fd(), Bytes(buffer).first(static_cast<std::size_t>(got)), file); !written)
      return written;
    done += static_cast<std::uint64_t>(got);
  }
  return sync_path(file);
}

}  // namespace flowspan::pipeline
