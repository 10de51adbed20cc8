// What must not change a verdict: names, order, files, modules, iteration, syntax, and whether a value is written
// where it is used or comes from a variable, a local, an argument, a function, an override. Twelve hundred
// configurations, each generated twice: plainly, and with a mix of all of these. All plain ones are audited in
// one run, all others in another; the verdicts must be the same.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "cli/rulebook.hpp"
#include "engine/audit.hpp"
#include "parsers/terraform/adapter.hpp"

using namespace assay;

namespace {

constexpr int configurations = 1200;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 99) {
    for (int i = 0; i < 4; ++i) below(2);
  }
  std::uint32_t below(std::uint32_t n) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>((state_ >> 11) % n);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(static_cast<std::uint32_t>(i))]);
  }

 private:
  std::uint64_t state_;
};

// ---- what is configured ----

// `text` is an HCL expression: a literal, `@N.attribute` (of resource N), or `?TYPE` (a variable without a value).
struct Argument {
  std::string name, text;
  std::vector<Argument> block;
  bool is_block = false;
};
struct Thing {
  std::string type;
  std::vector<Argument> arguments;
};

struct Maker {
  Random& random;
  std::vector<Thing> things;

  std::string flag() { return random.one_in(12) ? "?bool" : random.one_in(2) ? "true" : "false"; }
  std::string any(std::initializer_list<const char*> choices) { return std::string(choices.begin()[random.below(static_cast<std::uint32_t>(choices.size()))]); }
  void maybe(std::vector<Argument>& to, const char* name, std::string text) {
    if (!random.one_in(3)) to.push_back({name, std::move(text), {}, false});
  }
  static void set(std::vector<Argument>& to, const char* name, std::string text) { to.push_back({name, std::move(text), {}, false}); }
  static void block(std::vector<Argument>& to, const char* name, std::vector<Argument> inner) { to.push_back({name, "", std::move(inner), true}); }
  std::string refer(int index, const char* attribute) { return "@" + std::to_string(index) + "." + attribute; }
  int add(const char* type, std::vector<Argument> arguments) {
    things.push_back({type, std::move(arguments)});
    return static_cast<int>(things.size()) - 1;
  }

  int key() {
    std::vector<Argument> a;
    maybe(a, "enable_key_rotation", flag());
    maybe(a, "deletion_window_in_days", any({"7", "30"}));
    return add("aws_kms_key", a);
  }

  void make() {
    std::vector<Argument> a;
    switch (random.below(14)) {
      case 0: {
        set(a, "bucket", "\"data-" + std::to_string(things.size()) + "\"");
        maybe(a, "force_destroy", flag());
        const int bucket = add("aws_s3_bucket", a);
        if (!random.one_in(3)) {
          std::vector<Argument> b = {{"bucket", refer(bucket, "id"), {}, false}};
          for (const char* name : {"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"}) maybe(b, name, flag());
          add("aws_s3_bucket_public_access_block", b);
        }
        if (random.one_in(2)) {
          std::vector<Argument> b = {{"bucket", refer(bucket, any({"id", "bucket"}).c_str()), {}, false}};
          block(b, "versioning_configuration", {{"status", any({"\"Enabled\"", "\"Suspended\""}), {}, false}});
          add("aws_s3_bucket_versioning", b);
        }
        if (random.one_in(2)) {
          std::vector<Argument> inner = {{"sse_algorithm", any({"\"aws:kms\"", "\"AES256\""}), {}, false}};
          if (random.one_in(2)) set(inner, "kms_master_key_id", refer(key(), "arn"));
          std::vector<Argument> rule;
          block(rule, "apply_server_side_encryption_by_default", inner);
          std::vector<Argument> b = {{"bucket", refer(bucket, "id"), {}, false}};
          block(b, "rule", rule);
          add("aws_s3_bucket_server_side_encryption_configuration", b);
        }
        return;
      }
      case 1: case 2:
        set(a, "engine", any({"\"postgres\"", "\"mysql\""}));
        set(a, "instance_class", any({"\"db.t4g.medium\"", "\"db.r6g.large\""}));
        maybe(a, "storage_encrypted", flag());
        maybe(a, "backup_retention_period", any({"0", "1", "7", "35", "?number"}));
        maybe(a, "multi_az", flag());
        maybe(a, "publicly_accessible", flag());
        maybe(a, "deletion_protection", flag());
        maybe(a, "skip_final_snapshot", flag());
        if (random.one_in(3)) set(a, "kms_key_id", refer(key(), "arn"));
        if (random.one_in(2)) set(a, "enabled_cloudwatch_logs_exports", any({"[\"postgresql\"]", "[]", "[\"audit\", \"error\"]"}));
        add("aws_db_instance", a);
        return;
      case 3: {
        std::vector<Argument> group = {{"description", "\"x\"", {}, false}};
        const std::uint32_t rules = random.below(3);
        for (std::uint32_t i = 0; i < rules; ++i)
          block(group, "ingress", {{"from_port", any({"22", "443", "0", "3389"}), {}, false}, {"to_port", any({"443", "65535", "3389"}), {}, false}, {"protocol", any({"\"tcp\"", "\"-1\""}), {}, false}, {"cidr_blocks", any({"[\"0.0.0.0/0\"]", "[\"10.0.0.0/8\"]", "[]"}), {}, false}});
        const int id = add("aws_security_group", group);
        if (random.one_in(2)) {
          set(a, "type", "\"ingress\"");
          set(a, "security_group_id", refer(id, "id"));
          set(a, "from_port", any({"22", "80", "0"}));
          set(a, "to_port", any({"22", "80", "65535"}));
          set(a, "protocol", "\"tcp\"");
          set(a, "cidr_blocks", any({"[\"0.0.0.0/0\"]", "[\"192.168.0.0/16\"]"}));
          add("aws_security_group_rule", a);
        }
        return;
      }
      case 4:
        set(a, "name", "\"table\"");
        maybe(a, "billing_mode", any({"\"PAY_PER_REQUEST\"", "\"PROVISIONED\""}));
        maybe(a, "deletion_protection_enabled", flag());
        if (random.one_in(2)) block(a, "point_in_time_recovery", {{"enabled", flag(), {}, false}});
        if (random.one_in(2)) block(a, "server_side_encryption", {{"enabled", flag(), {}, false}});
        add("aws_dynamodb_table", a);
        return;
      case 5:
        set(a, "availability_zone", "\"eu-central-1a\"");
        maybe(a, "encrypted", flag());
        add("aws_ebs_volume", a);
        return;
      case 6:
        maybe(a, "encrypted", flag());
        if (random.one_in(3)) set(a, "kms_key_id", refer(key(), "arn"));
        add("aws_efs_file_system", a);
        return;
      case 7: {
        std::vector<Argument> balancer = {{"load_balancer_type", any({"\"application\"", "\"network\""}), {}, false}};
        maybe(balancer, "internal", flag());
        maybe(balancer, "drop_invalid_header_fields", flag());
        maybe(balancer, "enable_deletion_protection", flag());
        const int id = add("aws_lb", balancer);
        set(a, "load_balancer_arn", refer(id, "arn"));
        set(a, "port", any({"80", "443"}));
        set(a, "protocol", any({"\"HTTP\"", "\"HTTPS\"", "\"TLS\""}));
        maybe(a, "ssl_policy", any({"\"ELBSecurityPolicy-TLS13-1-2-2021-06\"", "\"ELBSecurityPolicy-2016-08\"", "?string"}));
        if (random.one_in(2)) {
          std::vector<Argument> action = {{"type", "\"redirect\"", {}, false}};
          block(action, "redirect", {{"protocol", any({"\"HTTPS\"", "\"HTTP\""}), {}, false}, {"status_code", "\"HTTP_301\"", {}, false}});
          block(a, "default_action", action);
        } else {
          block(a, "default_action", {{"type", "\"forward\"", {}, false}});
        }
        add("aws_lb_listener", a);
        return;
      }
      case 8: key(); return;
      case 9:
        set(a, "name", "\"logs\"");
        maybe(a, "retention_in_days", any({"0", "7", "365", "?number"}));
        add("aws_cloudwatch_log_group", a);
        return;
      case 10:
        set(a, "policy", "jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = " + any({"\"*\"", "\"s3:GetObject\"", "[\"iam:PassRole\", \"sts:*\"]"}) +
                             ", Resource = " + any({"\"*\"", "\"arn:aws:s3:::x/*\""}) + " }] })");
        add("aws_iam_policy", a);
        return;
      case 11:
        set(a, "description", "\"cache\"");
        maybe(a, "at_rest_encryption_enabled", flag());
        maybe(a, "transit_encryption_enabled", flag());
        maybe(a, "automatic_failover_enabled", flag());
        maybe(a, "multi_az_enabled", flag());
        maybe(a, "snapshot_retention_limit", any({"0", "5"}));
        add("aws_elasticache_replication_group", a);
        return;
      case 12:
        set(a, "engine", any({"\"aurora-postgresql\"", "\"aurora-mysql\""}));
        maybe(a, "storage_encrypted", flag());
        maybe(a, "backup_retention_period", any({"1", "7", "30"}));
        maybe(a, "deletion_protection", flag());
        maybe(a, "iam_database_authentication_enabled", flag());
        add("aws_rds_cluster", a);
        return;
      default:
        set(a, "ami", "\"ami-1\"");
        maybe(a, "associate_public_ip_address", flag());
        if (random.one_in(2)) block(a, "metadata_options", {{"http_tokens", any({"\"required\"", "\"optional\""}), {}, false}});
        if (random.one_in(2)) block(a, "root_block_device", {{"encrypted", flag(), {}, false}});
        for (std::uint32_t i = random.below(3); i > 0; --i) block(a, "ebs_block_device", {{"device_name", "\"/dev/sd" + std::string(1, static_cast<char>('f' + i)) + "\"", {}, false}, {"encrypted", flag(), {}, false}});
        add("aws_instance", a);
    }
  }
};

// ---- how it is written ----

struct Files {
  std::map<std::string, std::string> text;  // by path below the configuration's directory
};

class Writer {
 public:
  Writer(std::vector<Thing> things, Random& random, bool varied) : things_(std::move(things)), random_(random), varied_(varied) {}

  Files write() {
    wrapped_ = varied_ && random_.one_in(2) ? 1 + random_.below(2) : 0;
    json_ = varied_ && random_.one_in(5);
    for (std::size_t i = 0; i < things_.size(); ++i) {
      names_.push_back(varied_ ? std::string(1, static_cast<char>('a' + random_.below(26))) + "x_" + std::to_string(i) + "_" : "r_" + std::to_string(i) + "_");
      iterated_.push_back(varied_ && random_.one_in(3) ? 1 + random_.below(3) : 0);
    }
    for (std::size_t i = 0; i < things_.size(); ++i) thing(i);
    flush();
    return std::move(files_);
  }

 private:
  std::string module_path(std::uint32_t level) const { return level == 0 ? "" : level == 1 ? "modules/outer/" : "modules/inner/"; }
  // Where resources stand.
  std::string here() const { return module_path(wrapped_); }

  static constexpr const char* iterations[] = {"", "  count = 1\n", "  for_each = toset([\"k\"])\n", "  for_each = { k = 1 }\n"};
  std::string instance(std::size_t index) const {
    static constexpr const char* keys[] = {"", "[0]", "[\"k\"]", "[\"k\"]"};
    return things_[index].type + "." + names_[index] + keys[iterated_[index]];
  }

  // `@3.id` and `?bool` as expressions where the resources stand.
  std::string plain(const std::string& text) {
    if (text.starts_with('@')) {
      const auto dot = text.find('.');
      return instance(std::stoul(text.substr(1, dot - 1))) + text.substr(dot);
    }
    if (text.starts_with('?')) return variable(text.substr(1), "", wrapped_);
    return text;
  }
  static bool literal(const std::string& text) { return !text.starts_with('@') && !text.starts_with('?') && !text.starts_with("jsonencode("); }

  // A new variable of the module at `level`; `value` is what it shall be, empty: nobody says.
  std::string variable(const std::string& type, const std::string& value, std::uint32_t level) {
    const std::string name = "v" + std::to_string(counter_++);
    std::string declaration = "variable \"" + name + "\" {\n" + (type.empty() ? "" : "  type = " + type + "\n");
    if (level > 0) {
      // From the caller.
      if (!value.empty() && random_.one_in(4)) declaration += "  default = " + value + "\n";
      else arguments_[level].push_back("  " + name + " = " + (value.empty() ? variable(type, "", level - 1) : varied(value, level - 1)) + "\n");
    } else if (!value.empty()) {
      switch (random_.below(4)) {
        case 0:
          tfvars_ += name + " = " + value + "\n";
          if (random_.one_in(2)) declaration += "  default = null\n";
          break;
        case 1: auto_tfvars_ += (auto_tfvars_.empty() ? "" : ",\n") + ("  \"" + name + "\": " + value); break;
        default: declaration += "  default = " + value + "\n";
      }
    }
    top(level, declaration + "}\n");
    return "var." + name;
  }

  // An expression at `level` that is the literal `text`.
  std::string varied(const std::string& text, std::uint32_t level) {
    if (!varied_ || random_.one_in(3)) return text;
    switch (random_.below(16)) {
      case 0: case 1: return variable(random_.one_in(2) ? "any" : "", text, level);
      case 2: case 3: {
        const std::string name = "l" + std::to_string(counter_++);
        top(level, "locals {\n  " + name + " = " + varied(text, level) + "\n}\n");
        return "local." + name;
      }
      case 4: return "true ? " + text + " : null";
      case 5: return "try(tonumber(\"x\"), " + text + ")";
      case 6: return "[" + text + "][0]";
      case 7: return "{ a = " + text + " }.a";
      case 8: return "lookup({ k = " + text + " }, \"k\")";
      case 9: return "jsondecode(jsonencode(" + text + "))";
      case 10: return "one([" + text + "])";
      case 11: return "element([" + text + "], 3)";
      case 12: return "(" + varied(text, level) + ")";
      case 13: return "{ for k in [\"a\"] : k => " + text + " }[\"a\"]";
      case 14: return "[for x in [1] : " + text + "][0]";
      default: return text.starts_with('"') ? "\"${" + text + "}\"" : text.starts_with('[') ? "concat(" + text + ", [])" : text == "null" ? text : "coalesce(null, " + text + ")";
    }
  }

  std::string value(const std::string& text) { return literal(text) ? varied(text, wrapped_) : plain(text); }

  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') {
        out += "\\n";
        continue;
      }
      out += c;
    }
    return out + "\"";
  }

  std::string arguments(std::vector<Argument> all, const std::string& indent) {
    if (varied_) random_.shuffle(all);
    std::string out;
    for (const Argument& argument : all) {
      if (!argument.is_block) {
        out += indent + argument.name + " = " + value(argument.text) + "\n";
      } else if (varied_ && random_.one_in(3)) {
        out += indent + "dynamic \"" + argument.name + "\" {\n" + indent + "  for_each = " + (random_.one_in(2) ? "[1]" : "{ k = 2 }") + "\n" + indent + "  content {\n" +
               arguments(argument.block, indent + "    ") + indent + "  }\n" + indent + "}\n";
      } else {
        out += indent + argument.name + " {\n" + arguments(argument.block, indent + "  ") + indent + "}\n";
      }
    }
    return out;
  }

  // The same in JSON: every argument, blocks as lists.
  std::string json_arguments(std::vector<Argument> all) {
    random_.shuffle(all);
    std::map<std::string, std::string> members;
    std::map<std::string, std::vector<std::string>> blocks;
    for (const Argument& argument : all) {
      if (argument.is_block) blocks[argument.name].push_back(json_arguments(argument.block));
      else if (literal(argument.text) && random_.one_in(2)) members[argument.name] = argument.text;
      else members[argument.name] = quoted("${" + value(argument.text) + "}");
    }
    for (const auto& [name, list] : blocks) {
      if (list.size() == 1 && random_.one_in(2)) {
        members[name] = list[0];
        continue;
      }
      std::string out = "[";
      for (const std::string& one : list) out += (out.size() > 1 ? ", " : "") + one;
      members[name] = out + "]";
    }
    std::string out = "{";
    for (const auto& [name, text] : members) out += (out.size() > 1 ? ", " : "") + quoted(name) + ": " + text;
    return out + "}";
  }

  void thing(std::size_t index) {
    const Thing& thing = things_[index];
    if (json_ && iterated_[index] < 2) {
      std::string body = json_arguments(thing.arguments);
      if (iterated_[index] == 1) body = body == "{}" ? "{\"count\": 1}" : "{\"count\": 1, " + body.substr(1);
      files_.text[here() + "part" + std::to_string(index) + ".tf.json"] = "{\"resource\": {\"" + thing.type + "\": {\"" + names_[index] + "\": " + body + "}}}";
      return;
    }
    std::vector<Argument> all = thing.arguments;
    if (varied_) {
      for (Argument& argument : all) {
        if (argument.is_block || !literal(argument.text) || !random_.one_in(12)) continue;
        files_.text[here() + "some_override.tf"] += "resource \"" + thing.type + "\" \"" + names_[index] + "\" {\n  " + argument.name + " = " + argument.text + "\n}\n";
        argument.text = "null";
      }
      // An argument that is null is one that is not there.
      if (random_.one_in(6) && thing.type == "aws_ebs_volume" && std::none_of(all.begin(), all.end(), [](const Argument& a) { return a.name == "kms_key_id"; })) all.push_back({"kms_key_id", "null", {}, false});
    }
    top(wrapped_, "resource \"" + thing.type + "\" \"" + names_[index] + "\" {\n" + iterations[iterated_[index]] + arguments(all, "  ") + "}\n");
  }

  void top(std::uint32_t level, std::string text) { blocks_[level].push_back(std::move(text)); }

  void flush() {
    for (std::uint32_t level = wrapped_; level > 0; --level) {
      std::string call = "module \"" + std::string(level == 1 ? "outer" : "inner") + "\" {\n  source = \"" + (level == 1 ? "./modules/outer" : "../inner") + "\"\n";
      if (random_.one_in(3)) call += iterations[1 + random_.below(3)];
      for (const std::string& argument : arguments_[level]) call += argument;
      top(level - 1, call + "}\n");
    }
    for (std::uint32_t level = 0; level <= wrapped_; ++level) {
      std::vector<std::string>& blocks = blocks_[level];
      if (varied_) random_.shuffle(blocks);
      static constexpr const char* names[] = {"main.tf", "a.tf", "zz.tf", "other.tf"};
      const std::uint32_t files = varied_ ? 1 + random_.below(4) : 1;
      for (const std::string& block : blocks) files_.text[module_path(level) + names[random_.below(files)]] += block + "\n";
    }
    if (!tfvars_.empty()) files_.text["terraform.tfvars"] = tfvars_;
    if (!auto_tfvars_.empty()) files_.text["x.auto.tfvars.json"] = "{\n" + auto_tfvars_ + "\n}\n";
  }

  std::vector<Thing> things_;
  Random& random_;
  bool varied_, json_ = false;
  std::uint32_t wrapped_ = 0;
  std::uint32_t counter_ = 0;
  std::vector<std::string> names_;
  std::vector<std::uint32_t> iterated_;
  std::array<std::vector<std::string>, 3> blocks_, arguments_;
  std::string tfvars_, auto_tfvars_;
  Files files_;
};

// ---- verdicts ----

struct Run {
  std::map<std::string, std::string> verdicts;  // `c12 RULE type#3` -> its verdicts
  std::array<std::size_t, 4> counts{};
  std::vector<std::string> errors;
};

// The configuration's directory, the type and the number of a resource.
std::string plain_address(std::string_view scope, std::string address) {
  const auto underscore = address.rfind('_');
  const auto before = underscore == std::string::npos ? underscore : address.rfind('_', underscore - 1);
  if (before == std::string::npos) return {};
  const auto dot = address.rfind('.', before);
  const auto type = dot == std::string::npos ? dot : address.rfind('.', dot - 1);
  if (dot == std::string::npos) return {};
  const std::size_t from = type == std::string::npos ? 0 : type + 1;
  return std::string(scope) + " " + address.substr(from, dot - from) + "#" + address.substr(before + 1, underscore - before - 1);
}

Run audit_all(const std::vector<Files>& all, const Rulebook& book, Sources& sources) {
  std::map<std::string, const Source*> files;
  std::set<std::string> directories;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const auto& [path, text] : all[i].text) {
      const std::string name = "c" + std::to_string(i) + "/" + path;
      files[name] = &sources.add(name, text);
      directories.insert(terraform::parent(name));
    }
  }
  Diagnostics diagnostics;
  Graph graph;
  terraform::MemoryTree tree(files);
  terraform::Configurations loaded(tree, sources, book.catalog.data, {});
  std::map<std::string, ScopeId> scopes;
  std::vector<std::string> names;
  REQUIRE(loaded.load({directories, {}, {}}, diagnostics));
  loaded.add(graph, [&](const std::string& directory) {
    const auto found = scopes.find(directory);
    if (found != scopes.end()) return found->second;
    return scopes.emplace(directory, graph.add_scope({0, directory, directory, {}})).first->second;
  });
  graph.order(sources);
  loaded.add_edges(graph);
  graph.freeze();
  Selection selection;
  selection.profile = "all";
  const auto selected = select(book.catalog, selection, diagnostics);
  AuditOptions options;
  options.as_of = "2026-11-21";
  options.jobs = 2;
  Report report = audit(book.catalog, selected, graph, sources, std::move(options));
  report.diagnostics.append(std::move(diagnostics));

  Run run;
  for (const Checked& checked : report.checked) {
    for (std::size_t verdict = 0; verdict < 4; ++verdict) {
      for (const ResourceId id : checked.by_verdict[verdict]) {
        const Resource& resource = graph.resource(id);
        const std::string address = plain_address(graph.scope(checked.scope).name, resource.address);
        if (address.empty()) continue;
        ++run.counts[verdict];
        std::string& said = run.verdicts[address + " " + checked.rule->id];
        said += (said.empty() ? "" : ", ") + std::string(name_of(static_cast<Verdict>(verdict)));
      }
    }
  }
  for (const Diagnostic& diagnostic : report.diagnostics.all())
    if (diagnostic.severity == DiagnosticSeverity::error)
      run.errors.push_back((diagnostic.span ? sources.get(diagnostic.span.source).name() + ": " : std::string()) + diagnostic.message);
  return run;
}

std::string shown(const Files& files) {
  std::string out;
  for (const auto& [path, text] : files.text) out += "--- " + path + "\n" + text + "\n";
  return out;
}

}  // namespace

TEST_CASE("how a configuration is written never changes a verdict") {
  Sources sources;
  Diagnostics diagnostics;
  const Rulebook book = load_rulebook(sources, {}, diagnostics);
  REQUIRE(diagnostics.errors() == 0);
  std::vector<Files> plain, varied;
  for (int i = 0; i < configurations; ++i) {
    Random random(static_cast<std::uint64_t>(i));
    Maker maker{random, {}};
    for (std::uint32_t n = 2 + random.below(4); n > 0; --n) maker.make();
    plain.push_back(Writer(maker.things, random, false).write());
    varied.push_back(Writer(maker.things, random, true).write());
  }
  const Run one = audit_all(plain, book, sources);
  const Run other = audit_all(varied, book, sources);
  CHECK(one.errors == std::vector<std::string>{});
  CHECK(other.errors == std::vector<std::string>{});

  std::size_t different = 0;
  std::set<std::string> keys;
  for (const auto& [key, verdict] : one.verdicts) keys.insert(key);
  for (const auto& [key, verdict] : other.verdicts) keys.insert(key);
  for (const std::string& key : keys) {
    const auto a = one.verdicts.find(key), b = other.verdicts.find(key);
    const std::string left = a == one.verdicts.end() ? "nothing" : a->second, right = b == other.verdicts.end() ? "nothing" : b->second;
    if (left == right) continue;
    if (++different > 5) continue;
    const auto index = static_cast<std::size_t>(std::stoi(key.substr(1)));
    FAIL_CHECK(key << ": " << left << " plainly, " << right << " otherwise\n" << shown(plain[index]) << "=====\n" << shown(varied[index]));
  }
  CHECK(different == 0);
  WARN(configurations << " configurations, " << one.verdicts.size() << " verdicts: " << one.counts[0] << " pass, " << one.counts[1] << " fail, " << one.counts[2] << " unknown, "
                      << one.counts[3] << " not applicable");
  CHECK(one.counts[0] > 1000);
  CHECK(one.counts[1] > 1000);
  CHECK(one.counts[2] > 100);
}
