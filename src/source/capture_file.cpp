// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/capture_file.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>

namespace flowspan::source {
namespace {

constexpr std::size_t read_ahead = std::size_t{1} << 18;

std::optional<LinkType> link_type(int dlt) {
  switch (dlt) {
    case DLT_EN10MB: return LinkType::ethernet;
    case DLT_LINUX_SLL: return LinkType::linux_cooked;
    case DLT_LINUX_SLL2: return LinkType::linux_cooked2;
    case DLT_NULL:
    case DLT_LOOP: return LinkType::loopback;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6: return LinkType::raw;
    default: return std::nullopt;
  }
}

// What a file is that is no capture, if its first bytes tell.
std::string_view packing(std::string_view begin) {
  if (begin.starts_with("\x1f\x8b")) return "compressed with gzip: unpack it first (gunzip)";
  if (begin.starts_with("\x28\xb5\x2f\xfd")) return "compressed with zstd: unpack it first (unzstd)";
  if (begin.starts_with("\xfd\x37zXZ")) return "compressed with xz: unpack it first (unxz)";
  if (begin.starts_with("BZh")) return "compressed with bzip2: unpack it first (bunzip2)";
  return {};
}

// The seconds of a pcapng are 64 bits that anybody may have written.
Time time_of(const pcap_pkthdr& header, bool& bad) {
  constexpr std::int64_t most = std::numeric_limits<Time>::max() / second - 1;
  const std::int64_t seconds = header.ts.tv_sec;
  const std::int64_t part = header.ts.tv_usec;  // nanoseconds, as asked
  bad = seconds > most || seconds < -most || part < 0 || part >= second;
  if (seconds > most) return std::numeric_limits<Time>::max();
  if (seconds < -most) return std::numeric_limits<Time>::min();
  return seconds * second + (part < 0 || part >= second ? 0 : part);
}

}  // namespace

struct CaptureFile::Handle {
  pcap_t* pcap = nullptr;
  FILE* file = nullptr;
  bool is_stdin = false;
  std::uint64_t size = 0;

  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (pcap != nullptr)
      pcap_close(pcap);  // closes the file too, unless it is stdin
    else if (file != nullptr && !is_stdin)
      std::fclose(file);
  }
};

CaptureFile::CaptureFile(std::filesystem::path path, std::unique_ptr<Handle> handle, LinkType link)
    : path_(std::move(path)), handle_(std::move(handle)), decoder_(link) {}

CaptureFile::~CaptureFile() = default;

Result<std::unique_ptr<CaptureFile>> CaptureFile::open(const std::filesystem::path& path) {
  const std::string name = path == "-" ? "standard input" : path.string();
  auto handle = std::make_unique<Handle>();
  handle->is_stdin = path == "-";
  handle->file = handle->is_stdin ? stdin : std::fopen(path.c_str(), "rbe");
  if (handle->file == nullptr) return fail(system_error("cannot read " + name));
  struct stat status {};
  if (fstat(fileno(handle->file), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return fail("cannot read " + name + ": it is a folder");
    if (S_ISREG(status.st_mode)) {
      handle->size = static_cast<std::uint64_t>(status.st_size);
      if (handle->size == 0) return fail(name + " is no capture (pcap, pcapng): it is empty");
    }
  }
  std::setvbuf(handle->file, nullptr, _IOFBF, read_ahead);
  std::array<char, 6> begin{};
  if (handle->size != 0) {
    const std::size_t got = std::fread(begin.data(), 1, begin.size(), handle->file);
    std::rewind(handle->file);
    if (const auto packed = packing({begin.data(), got}); !packed.empty())
      return fail(fmt::format("{} is {}", name, packed));
  }
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  handle->pcap = pcap_fopen_offline_with_tstamp_precision(handle->file, PCAP_TSTAMP_PRECISION_NANO, why.data());
  if (handle->pcap == nullptr) return fail(fmt::format("{} is no capture (pcap, pcapng): {}", name, why.data()));
  const int dlt = pcap_datalink(handle->pcap);
  const auto link = link_type(dlt);
  if (!link) {
    const char* known = pcap_datalink_val_to_name(dlt);
    return fail(
        fmt::format("{} was captured on a link of type {}, which flowspan does not read: it reads Ethernet, Linux "
                    "cooked, raw IP and "
                    "BSD loopback",
                    name, known != nullptr ? known : std::to_string(dlt)));
  }
  return std::unique_ptr<CaptureFile>(new CaptureFile(name, std::move(handle), *link));
}

Result<bool> CaptureFile::next(Datagram& datagram) {
  while (!ended_) {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int code = pcap_next_ex(handle_->pcap, &header, &data);
    if (code != 1) return end(code);
    bool bad_time = false;
    const Time time = time_of(*header, bad_time);
    if (bad_time) decoder_.count_bad_time();
    const Bytes packet{reinterpret_cast<const std::byte*>(data), header->caplen};
    if (const auto found = decoder_.decode(time, packet, header->len)) {
      datagram = *found;
      return true;
    }
  }
  return false;
}

Result<bool> CaptureFile::end(int code) {
  ended_ = true;
  decoder_.finish();
  if (code == PCAP_ERROR_BREAK) return false;  // the regular end of a file
  const std::string why = pcap_geterr(handle_->pcap);
  const auto at = progress();
  const std::uint64_t packets = decoder_.counters().packets;
  const bool truncated = why.find("truncated") != std::string::npos;
  if (packets == 0 && !truncated) return fail(fmt::format("cannot read {}: {}", path_.string(), why));
  decoder_.count_broken_file();
  const std::string place = at.size == 0 ? "" : fmt::format(", at byte {} of {}", at.read, at.size);
  warning_ = fmt::format("{} {} after packet {}{}: {}; the whole packets before that were read", path_.string(),
                         truncated ? "is truncated" : "cannot be read further", packets, place, why);
  return false;
}

CaptureFile::Progress CaptureFile::progress() const {
  const off_t at = ftello(handle_->file);
  return {at < 0 ? 0 : static_cast<std::uint64_t>(at), handle_->size};
}

}  // namespace flowspan::source
