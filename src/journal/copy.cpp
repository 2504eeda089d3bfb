// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "journal/copy.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "journal/names.hpp"
#include "journal/pcapng.hpp"

namespace flowspan::journal {
namespace {

// As many interfaces as the blocks of a stretch may name: their real names stand in the journal's own header.
constexpr std::size_t header_interfaces = 64;
constexpr std::size_t piece = 1 << 20;

}  // namespace

Status copy_stretch(const std::filesystem::path& directory, std::uint32_t writer, Position from, std::uint64_t length,
                    const std::filesystem::path& file) {
  const auto source = directory / JournalName{writer, from.file}.to_string();
  auto in = open_file(source, O_RDONLY);
  if (!in) return fail(in.error());
  auto out = open_file(file, O_WRONLY | O_CREAT | O_TRUNC);
  if (!out) return fail(out.error());
  if (from.offset > 0) {
    const std::vector<std::string> interfaces(header_interfaces, "quarantine");
    if (Status written = write_all(out->fd(), file_header(interfaces), file); !written) return written;
  }
  std::vector<std::byte> buffer(piece);
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

}  // namespace flowspan::journal
