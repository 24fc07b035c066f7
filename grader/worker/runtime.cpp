// The worker: answers calls until its socket closes. It holds no test, no expected value, no
// threshold, no seed and no clock; it can only be right or wrong, slow or dead.
//
// The sandbox is complete before the first instruction of this program runs: the launcher installs
// it and then executes us.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <kata/not_implemented.hpp>
#include <new>
#include <stdexcept>
#include <typeinfo>

#include "wire/messages.hpp"
#include "worker/assertion.hpp"
#include "worker/bind.hpp"

namespace {

using kata::wire::Arenas;
using kata::wire::Thrown;

std::string& variant() {
  static std::string id;
  return id;
}

/// The examiner closed its end, or nothing sensible can follow: there is nobody to tell.
[[noreturn]] void leave(int status) {
  _exit(status);
}

void read_all(void* to, std::size_t size) {
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t n = read(kata::wire::kSocket, at, size);
    if (n <= 0) leave(n == 0 ? 0 : 3);
    at += n;
    size -= static_cast<std::size_t>(n);
  }
}

void write_all(const void* from, std::size_t size) {
  const auto* at = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t n = write(kata::wire::kSocket, at, size);
    if (n <= 0) leave(3);
    at += n;
    size -= static_cast<std::size_t>(n);
  }
}

void send(kata::wire::ReplyKind kind, std::uint32_t detail, const void* data, std::size_t size) {
  std::fflush(nullptr);  // what the answer printed is seen even if it dies in the next call
  const kata::wire::Reply reply{kind, detail, size};
  write_all(&reply, sizeof reply);
  write_all(data, size);
}

void send_thrown(Thrown thrown, const std::string& text, const kata::wire::Writer& changed) {
  kata::wire::Writer w;
  kata::wire::put_value(w, text);
  w.put_bytes(changed.bytes().data(), changed.bytes().size());
  send(kata::wire::ReplyKind::threw, static_cast<std::uint32_t>(thrown), w.bytes().data(),
       w.bytes().size());
}

Arenas map_arenas(const kata::wire::Hello& hello) {
  Arenas a;
  const auto map = [](int fd, int protection, std::size_t size) {
    void* at = mmap(nullptr, size, protection, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) leave(4);
    close(fd);
    return static_cast<std::byte*>(at);
  };
  a.readable_size = hello.readable_size;
  a.readable = map(kata::wire::kReadable, PROT_READ, a.readable_size);
  a.writable_size = hello.writable_size;
  a.writable = map(kata::wire::kWritable, PROT_READ | PROT_WRITE, a.writable_size);
  return a;
}

void call(const kata::wire::Request& request, std::span<const std::byte> bytes,
          const Arenas& arenas) {
  kata::wire::Writer reply;
  kata::wire::Reader arguments(bytes);
  try {
    if (request.function == kata::wire::kMistakeTable) {
      kata::wire::put_value(reply, kata::worker::mistake_table ? kata::worker::mistake_table()
                                                               : std::vector<kata::Mistake>());
    } else {
      if (request.function >= kata::worker::entry_count) leave(5);
      for (std::uint32_t i = 0; i < request.count; ++i)
        kata::worker::entries[request.function].call(arguments, arenas, reply);
    }
  } catch (const kata::not_implemented&) {
    return send_thrown(Thrown::not_implemented, "", reply);
  } catch (const kata::worker::assertion_failed& e) {
    return send_thrown(Thrown::assertion,
                       std::string(e.expression) + "\n" + e.file + ":" + std::to_string(e.line),
                       reply);
  } catch (const std::bad_alloc&) {
    return send_thrown(Thrown::bad_alloc, "", reply);
  } catch (const std::invalid_argument& e) {
    return send_thrown(Thrown::invalid_argument, e.what(), reply);
  } catch (const std::domain_error& e) {
    return send_thrown(Thrown::domain_error, e.what(), reply);
  } catch (const std::out_of_range& e) {
    return send_thrown(Thrown::out_of_range, e.what(), reply);
  } catch (const std::length_error& e) {
    return send_thrown(Thrown::length_error, e.what(), reply);
  } catch (const std::logic_error& e) {
    return send_thrown(Thrown::logic_error, e.what(), reply);
  } catch (const std::runtime_error& e) {
    return send_thrown(Thrown::runtime_error, e.what(), reply);
  } catch (const std::exception& e) {
    return send_thrown(Thrown::other_exception, e.what(), reply);
  } catch (...) {
    return send_thrown(Thrown::unknown, "", reply);
  }
  send(kata::wire::ReplyKind::returned, 0, reply.bytes().data(), reply.bytes().size());
}

}  // namespace

bool kata::mistake(std::string_view id) {
  return variant() == id;
}

std::vector<std::byte> kata::worker::Channel::call_back(std::uint32_t which,
                                                        const wire::Writer& w) {
  send(wire::ReplyKind::callback, which, w.bytes().data(), w.bytes().size());
  wire::CallbackReply reply;
  read_all(&reply, sizeof reply);
  std::vector<std::byte> bytes(reply.size);
  read_all(bytes.data(), bytes.size());
  return bytes;
}

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // lines printed before a crash are kept
  kata::wire::Hello hello;
  read_all(&hello, sizeof hello);
  variant().resize(hello.variant_size);
  read_all(variant().data(), variant().size());
  const Arenas arenas = map_arenas(hello);
  std::vector<std::byte> bytes;
  for (;;) {
    kata::wire::Request request;
    read_all(&request, sizeof request);
    bytes.resize(request.size);
    read_all(bytes.data(), bytes.size());
    call(request, bytes, arenas);
  }
}
