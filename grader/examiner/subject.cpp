#include "examiner/subject.hpp"

#include <algorithm>

namespace kata::examiner {

namespace {

std::string shape_text(const wire::Extents& e) {
  if (e.at[1] == 1 && e.at[2] == 1 && e.at[3] == 1) return std::to_string(e.at[0]) + " entries";
  std::string text = std::to_string(e.at[0]) + " x " + std::to_string(e.at[1]);
  if (e.at[2] != 1 || e.at[3] != 1)
    text += " x " + std::to_string(e.at[2]) + " x " + std::to_string(e.at[3]);
  return text;
}

void serve(Worker& worker, const std::vector<std::byte>& payload, const std::string& name,
           const wire::Arguments& arguments, const CallbackHandler& handler) {
  wire::Reader r(payload);
  wire::Writer w;
  Examination::current().set_in_callback(true);
  try {
    handler(r, w, arguments.shapes);
    Examination::current().set_in_callback(false);
  } catch (const wire::Malformed& e) {
    Examination::current().lose({Cause::broken_reply, name + ": " + e.what, "", name});
  } catch (const wire::CallbackShape& e) {
    Examination::current().lose({Cause::broken_reply,
                                 name + " handed its objective an array of " + shape_text(e.got) +
                                     ", which is the shape of none of its arguments",
                                 "", name});
  }
  worker.answer_callback(w.bytes());
}

}  // namespace

Outcome exchange(Worker& worker, std::uint32_t function, const std::string& name,
                 const wire::Arguments& arguments, const std::vector<CallbackHandler>& callbacks) {
  Examination& examination = Examination::current();
  try {
    worker.request(function, 1, arguments.head.bytes());
    for (;;) {
      std::vector<std::byte> payload;
      const wire::Reply reply = worker.reply(payload, name);
      switch (reply.kind) {
        case wire::ReplyKind::returned:
          return {std::move(payload), false, 0};
        case wire::ReplyKind::threw:
          return {std::move(payload), true, reply.detail};
        case wire::ReplyKind::callback:
          if (reply.detail >= callbacks.size())
            examination.lose(
                {Cause::broken_reply, name + " called back what it was not given", "", name});
          serve(worker, payload, name, arguments, callbacks[reply.detail]);
          continue;
      }
      examination.lose({Cause::broken_reply, name + " sent a reply of an unknown kind", "", name});
    }
  } catch (const Loss& loss) {
    examination.lose(loss);
  } catch (const sandbox::LauncherError& e) {
    examination.lose({Cause::grader_fault, e.what(), "", name});
  } catch (...) {
    // A callback threw, or the answer did: after a callback the worker waits for an answer that
    // will not come, so the next call gets a fresh one.
    if (examination.in_callback()) examination.abandon_worker();
    throw;
  }
}

void collect_outputs(const wire::Arguments& arguments, const std::string& name) {
  const auto untouched = [](const std::byte* at) {
    return std::all_of(at, at + wire::kGuard,
                       [](std::byte b) { return b == std::byte{wire::kGuardByte}; });
  };
  for (const wire::Arguments::Output& output : arguments.outputs) {
    if (!untouched(output.begin - wire::kGuard) || !untouched(output.begin + output.size))
      Examination::current().lose({Cause::crashed,
                                   name + " wrote outside of an array that it was given for its "
                                          "result: an index is out of range",
                                   "out of bounds", name});
    output.copy_back();
  }
}

}  // namespace kata::examiner
