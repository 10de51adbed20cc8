#include "parsers/kubernetes/admission/evaluate.hpp"

#include "engine/cel/operations.hpp"

namespace assay::kubernetes::admission {

using cel::Frame;
using cel::Program;
using cel::Val;
using cel::ValKind;

namespace {

// k8s.io/apiserver pkg/apis/cel/config.go.
constexpr std::uint64_t per_call_limit = 1'000'000;
constexpr std::uint64_t validation_budget = 10'000'000;
constexpr std::uint64_t condition_budget = per_call_limit * 5 / 2;
constexpr std::size_t most_message_bytes = 5 * 1024;
constexpr std::string_view out_of_budget = "validation failed due to running out of cost budget, no further validation rules will be run";

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n\v\f");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n\v\f") - begin + 1));
}

// An error that is ours and not the API server's: our memory or our depth ran out.
bool own_limit(Frame& frame, const Val& value) {
  return value.is_error() && (value.error == cel::out_of_memory(frame).error || value.error == cel::too_deep(frame).error);
}
std::string error_text(Frame& frame, const Val& value) {
  if (value.error == cel::out_of_cost(frame).error) return "operation cancelled: actual cost limit exceeded";
  // Which text was no number is our own addition.
  const std::string_view message = value.error->message;
  return std::string(message.starts_with("type conversion error from 'string'") ? message.substr(0, message.find(": `")) : message);
}

// `variables`: each evaluated when it is first read, once in a phase, at a cost of its own.
class Variables final : public cel::StructBase {
 public:
  explicit Variables(const CompiledPolicy& policy) : policy_(policy), memo_(policy.variables.size()) {}

  const cel::StructType& type() const override { return policy_.variables_type; }
  bool has(std::uint32_t, Frame&) override { return true; }
  Value value() const override { return {}; }
  const void* identity() const override { return this; }

  Val get(std::uint32_t field, Frame& frame) override {
    if (field >= memo_.size() || !policy_.variables[field]) return cel::make_error(frame, "no such variable");
    const Program& program = *policy_.variables[field];
    // While tracing, what decided the variable is wanted anew.
    if (frame.trace) {
      if (memo_[field].busy) return cel::too_deep(frame);
      memo_[field].busy = true;
      const Val value = cel::evaluate(program, frame);
      memo_[field].busy = false;
      return wrapped(value, field, frame);
    }
    Memo& memo = memo_[field];
    if (memo.done) return memo.value;
    if (memo.busy) return cel::too_deep(frame);  // a second variable of one name may read itself
    memo.busy = true;
    const std::uint64_t outside = frame.cost;
    frame.cost = 0;
    const Val value = cel::evaluate(program, frame);
    cost += frame.cost;
    frame.cost = outside;
    memo = {true, false, wrapped(value, field, frame)};
    return memo.value;
  }

  std::uint64_t cost = 0;  // since it was last taken

 private:
  Val wrapped(const Val& value, std::uint32_t field, Frame& frame) const {
    if (!value.is_error() || own_limit(frame, value)) return value;
    return cel::make_error(frame, "composited variable \"" + policy_.variables_type.fields[field].name + "\" fails to evaluate: " + error_text(frame, value));
  }
  struct Memo {
    bool done = false, busy = false;
    Val value;
  };
  const CompiledPolicy& policy_;
  std::vector<Memo> memo_;
};

// What an unknown depends on, in words.
std::string unknown_why(Frame& frame, const Val& value) {
  if (value.is_unknown()) {
    std::string text(value.unknown ? value.unknown->reason : std::string_view());
    Value storage;
    for (const Value one : cel::unknown_values(value, storage)) {
      const Unknown what = one.as_unknown();
      if (what.name.empty()) continue;
      if (!text.empty()) text += "; ";
      text += "`" + std::string(what.name) + "` is not known";
      if (!what.reason.empty()) text += " (" + std::string(what.reason) + ")";
    }
    return text.empty() ? "it depends on what the inputs do not say" : text;
  }
  return value.is_error() ? error_text(frame, value) + ": this is a limit of assay, not of the API server" : std::string();
}

// One of the API server's passes over a list of expressions.
class Phase {
 public:
  Phase(const CompiledPolicy& policy, const Input& input, bool with_namespace, std::uint64_t budget)
      : policy_(policy), variables_(policy), budget_(budget) {
    frame_.scratch = scratch_.get();
    frame_.slots = slots_;
    frame_.cost_limit = per_call_limit;
    slots_[var_object] = cel::val_of(input.object);
    slots_[var_old_object] = cel::val_of(input.old_object);
    if (with_namespace) slots_[var_namespace] = cel::val_of(input.namespace_object);
    slots_[var_request] = cel::val_of(input.request);
    slots_[var_params] = cel::val_of(input.params);
    if (input.authorizer) {
      slots_[var_authorizer] = cel::make_authorizer(frame_, *input.authorizer);
      slots_[var_request_authorizer] = cel::make_resource_check(frame_, *input.authorizer, input.request_resource);
    }
    slots_[var_variables].kind = ValKind::structure;
    slots_[var_variables].structure = &variables_;
  }

  struct Result {
    Val value;
    std::string error;  // of an expression that failed as it would on the API server
    bool unknown = false;
    std::string why;
  };

  // False: the budget is spent, and with it the whole pass.
  bool run(const Program& program, Result& result) {
    frame_.cost = 0;
    result.value = cel::evaluate(program, frame_);
    const std::uint64_t cost = variables_.cost + frame_.cost;
    variables_.cost = 0;
    spent_ += cost;
    if (cost > budget_) return false;
    budget_ -= cost;
    result.unknown = result.value.is_unknown() || own_limit(frame_, result.value);
    if (result.unknown) result.why = unknown_why(frame_, result.value);
    else if (result.value.is_error())
      result.error = "expression '" + std::string(program.text()) + "' resulted in error: " + error_text(frame_, result.value);
    return true;
  }

  std::vector<cel::Decisive> trace(const Program& program) {
    std::vector<cel::Decisive> decisive;
    cel::Trace trace;
    frame_.cost = 0;
    frame_.trace = &trace;  // so that variables are traced too
    cel::evaluate_traced(program, frame_, decisive);
    frame_.trace = nullptr;
    frame_.cost = 0;
    variables_.cost = 0;
    return decisive;
  }

  std::uint64_t remaining() const { return budget_; }
  std::shared_ptr<const void> memory() const { return scratch_; }
  std::uint64_t spent() const { return spent_; }

 private:
  const CompiledPolicy& policy_;
  std::shared_ptr<cel::Scratch> scratch_ = std::make_shared<cel::Scratch>();
  Frame frame_;
  Val slots_[variable_count];
  Variables variables_;
  std::uint64_t budget_, spent_ = 0;
};

struct Validator {
  const CompiledPolicy& policy;
  const Input& input;
  Evaluated result;

  Outcome failure() const { return policy.policy.fail ? Outcome::error : Outcome::admit; }

  void whole(std::string message) {
    Decision decision;
    decision.outcome = failure();
    decision.message = std::move(message);
    result.decisions.push_back(std::move(decision));
  }

  // False: the validations are not to be evaluated, `result` says why.
  bool conditions() {
    if (policy.conditions.empty()) return true;
    Phase phase(policy, input, false, condition_budget);
    std::vector<std::string> errors;
    std::string unknown;
    for (const auto& program : policy.conditions) {
      Phase::Result one;
      if (!phase.run(*program, one)) {
        if (policy.policy.fail) whole(std::string(out_of_budget));
        else result.matched = Answer::no;
        return false;
      }
      if (one.value.is_false()) {
        result.matched = Answer::no;
        return false;
      }
      if (one.unknown) unknown = unknown.empty() ? one.why : unknown;
      else if (!one.error.empty()) errors.push_back(one.error);
    }
    if (!unknown.empty()) {
      result.matched = Answer::maybe;
      result.why = unknown;
      // An error among the conditions denies, or ends it, unless the unknown one is false.
      if (errors.empty()) return true;
      if (!policy.policy.fail) result.matched = Answer::no;
    }
    if (errors.empty()) return true;
    if (policy.policy.fail) {
      // As apimachinery's aggregate of errors writes them.
      std::string message;
      if (errors.size() == 1) {
        message = errors[0];
      } else {
        for (std::size_t i = 0; i < errors.size(); ++i) {
          bool known = false;
          for (std::size_t j = 0; j < i; ++j) known = known || errors[j] == errors[i];
          if (!known) message += (message.empty() ? "" : ", ") + errors[i];
        }
        if (message != errors[0]) message = "[" + message + "]";
      }
      whole(message);
    } else {
      result.matched = Answer::no;
    }
    return false;
  }

  // The text of a denial; `written` is what the message expression gave.
  static std::string message_of(const Validation& validation, const Phase::Result* written) {
    std::string message;
    if (written && written->error.empty() && !written->unknown && written->value.is(ValKind::string)) {
      message = trimmed(written->value.string());
      if (message.size() > most_message_bytes || message.find('\n') != std::string::npos) message.clear();
    }
    if (message.empty()) message = trimmed(validation.message);
    if (message.empty()) message = "failed expression: " + trimmed(validation.expression.as_string());
    return message;
  }

  void validations() {
    Phase phase(policy, input, true, validation_budget);
    std::vector<Phase::Result> results(policy.validations.size());
    for (std::size_t i = 0; i < results.size(); ++i)
      if (!phase.run(*policy.validations[i], results[i])) return whole(std::string(out_of_budget));
    result.cost = phase.spent();
    result.memory = phase.memory();

    Phase messages(policy, input, true, phase.remaining());
    std::vector<Phase::Result> written(policy.messages.size());
    bool spent = false;
    for (std::size_t i = 0; i < written.size() && !spent; ++i)
      if (policy.messages[i]) spent = !messages.run(*policy.messages[i], written[i]);

    for (std::size_t i = 0; i < results.size(); ++i) {
      const Phase::Result& one = results[i];
      const Validation& validation = policy.policy.validations[i];
      Decision decision;
      decision.validation = i;
      if (one.unknown) {
        decision.outcome = Outcome::unknown;
        decision.message = one.why;
      } else if (!one.error.empty()) {
        decision.outcome = failure();
        decision.message = one.error;
      } else if (spent) {
        decision.outcome = failure();
        decision.message = "failed messageExpression: " + std::string(out_of_budget);
      } else if (!one.value.is_true()) {
        decision.outcome = Outcome::deny;
        decision.message = message_of(validation, i < written.size() && policy.messages[i] ? &written[i] : nullptr);
        decision.message_known = i >= written.size() || !written[i].unknown;
        if (!validation.reason.empty()) decision.reason = validation.reason;
      }
      if (decision.outcome != Outcome::admit) decision.decisive = phase.trace(*policy.validations[i]);
      result.decisions.push_back(std::move(decision));
    }
  }

  void annotations() {
    if (policy.annotations.empty()) return;
    Phase phase(policy, input, true, validation_budget);
    for (std::size_t i = 0; i < policy.annotations.size(); ++i) {
      Phase::Result one;
      if (!phase.run(*policy.annotations[i], one)) {
        result.decisions.clear();
        return whole(std::string(out_of_budget));
      }
      if (one.unknown) continue;  // what an annotation says denies nothing
      if (!one.error.empty()) {
        if (!policy.policy.fail) continue;
        Decision decision;
        decision.outcome = Outcome::error;
        decision.always = true;
        decision.message = one.error;
        result.decisions.push_back(std::move(decision));
      } else if (one.value.is(ValKind::string)) {
        if (std::string text = trimmed(one.value.string()); !text.empty())
          result.annotations.emplace_back(policy.policy.audit_annotations[i].name, std::move(text));
      }
    }
  }
};

}  // namespace

Evaluated evaluate(const CompiledPolicy& policy, const Input& input) {
  Validator validator{policy, input, {}};
  if (!policy.policy.valid) return std::move(validator.result);
  if (validator.conditions()) {
    validator.validations();
    validator.annotations();
  }
  return std::move(validator.result);
}

}  // namespace assay::kubernetes::admission
