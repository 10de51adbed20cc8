#include "parsers/kubernetes/admission/defaults.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace assay::kubernetes::admission {

namespace {

bool set(const Draft* map, std::string_view name) { return !lacks(map, name); }

// --- defaults that are data ---

Draft* value_of(Drafts& drafts, const FieldType& field, std::string_view text) {
  if (text == "{}") return drafts.map(field.type);
  if (text.starts_with('[')) {
    Draft* list = drafts.list();
    drafts.append(list, drafts.text(text.substr(1, text.size() - 2)));
    return list;
  }
  if (text == "\"\"") text = {};
  const bool number = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (field.kind == FieldKind::integer || (field.kind == FieldKind::int_or_string && number)) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return drafts.integer(value);
  }
  if (field.kind == FieldKind::boolean) return drafts.boolean(text == "true");
  return drafts.text(text);
}

bool holds(const Draft* map, const FieldDefault& made, std::string_view root) {
  if (!made.in.empty() && made.in != root) return false;
  if (made.when.empty()) return true;
  if (made.when == "-") return lacks(map, made.when_field);
  if (made.when == "+") return set(map, made.when_field);
  const std::string_view now = map->text(made.when_field);
  std::string_view words = made.when;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('|'), words.size());
    if (words.substr(0, end) == now) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

void stated(Drafts& drafts, Draft* map, std::string_view root) {
  for (const FieldDefault& made : map->type->defaults) {
    const FieldType* field = map->type->find(made.field);
    if (field && lacks(map, made.field) && holds(map, made, root)) drafts.set(map, field->name, value_of(drafts, *field, made.value));
  }
}

// --- defaults that depend on more ---

// The tag of an image name: `latest` where it has neither tag nor digest; empty where it is no image name.
std::string_view tag_of(std::string_view image) {
  const std::size_t slash = image.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? image : image.substr(slash + 1);
  const std::size_t at = last.find('@');
  const std::size_t colon = last.substr(0, at).find(':');
  // The path of a repository is in lower case.
  const std::string_view path = image.substr(0, image.size() - last.size() + std::min({colon, at, last.size()}));
  const std::size_t first = path.find('/');
  const bool host = first != std::string_view::npos && (path.substr(0, first).find_first_of(".:") != std::string_view::npos ||
                                                        path.substr(0, first) == "localhost");
  const std::string_view repository = host ? path.substr(first + 1) : path;
  if (repository.empty() || std::any_of(repository.begin(), repository.end(), [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '_' || c == '.');
      }))
    return {};
  if (colon != std::string_view::npos) return last.substr(colon + 1, at == std::string_view::npos ? at : at - colon - 1);
  return at == std::string_view::npos ? "latest" : std::string_view();
}

void container(Drafts& drafts, Draft* map, std::string_view) {
  if (lacks(map, "imagePullPolicy"))
    drafts.set(map, "imagePullPolicy", drafts.text(tag_of(map->text("image")) == "latest" ? "Always" : "IfNotPresent"));
}

void volume(Drafts& drafts, Draft* map, std::string_view) {
  const bool source = std::any_of(map->fields.begin(), map->fields.end(), [](const auto& field) { return field.first != "name"; });
  if (!source) drafts.map_at(map, "emptyDir");
  if (Draft* image = map->get("image"); image && image->is_map() && lacks(image, "pullPolicy"))
    drafts.set(image, "pullPolicy", drafts.text(tag_of(image->text("reference")) == "latest" ? "Always" : "IfNotPresent"));
}

void service_port(Drafts& drafts, Draft* map, std::string_view) {
  const Draft* target = map->get("targetPort");
  const bool none = !target || (target->leaf.is_string() && target->leaf.as_string().empty()) ||
                    (target->leaf.is(Kind::int64) && target->leaf.as_int() == 0);
  if (Draft* port = map->get("port"); none && port) drafts.set(map, "targetPort", drafts.leaf(drafts.arena().integer(port->leaf.as_int(), {})));
}

void service_spec(Drafts& drafts, Draft* map, std::string_view) {
  const std::string_view affinity = map->text("sessionAffinity");
  if (affinity.empty() || affinity == "None") drafts.erase(map, "sessionAffinityConfig");
  if (affinity != "ClientIP") return;
  Draft* client = drafts.map_at(drafts.map_at(map, "sessionAffinityConfig"), "clientIP");
  if (!client->get("timeoutSeconds")) drafts.set(client, "timeoutSeconds", drafts.integer(10800));
}

void network_policy(Drafts& drafts, Draft* map, std::string_view) {
  if (set(map, "policyTypes")) return;
  Draft* types = drafts.set(map, "policyTypes", drafts.list());
  drafts.append(types, drafts.text("Ingress"));
  if (set(map, "egress")) drafts.append(types, drafts.text("Egress"));
}

// Labels of the template become those of the object.
void template_labels(Drafts& drafts, Draft* map, std::string_view) {
  const Draft* spec = map->get("spec");
  const Draft* pod = spec ? spec->get("template") : nullptr;
  const Draft* metadata = pod ? pod->get("metadata") : nullptr;
  const Draft* labels = metadata ? metadata->get("labels") : nullptr;
  if (!labels || !labels->is_map()) return;
  Draft* own = drafts.map_at(map, "metadata");
  if (lacks(own, "labels")) drafts.set(own, "labels", drafts.copy(labels));
  if (map->type->name == "core.v1.ReplicationController" && lacks(spec, "selector"))
    drafts.set(const_cast<Draft*>(spec), "selector", drafts.copy(labels));
}

void name_space(Drafts& drafts, Draft* map, std::string_view) {
  Draft* metadata = drafts.map_at(map, "metadata");
  const std::string_view name = metadata->text("name");
  if (!name.empty()) drafts.set(drafts.map_at(metadata, "labels"), "kubernetes.io/metadata.name", drafts.text(name));
}

void limit_range_item(Drafts& drafts, Draft* map, std::string_view) {
  if (map->text("type") != "Container") return;
  const auto fill = [&](std::string_view from, std::string_view to) {
    const Draft* source = map->get(from);
    if (!source) return;
    for (const auto& [name, value] : source->fields) {
      Draft* target = drafts.map_at(map, to);
      if (!target->get(name)) drafts.set(target, name, drafts.copy(value));
    }
  };
  fill("max", "default");
  fill("default", "defaultRequest");
  fill("min", "defaultRequest");
}

void scaling_rules(Drafts& drafts, Draft* behavior, std::string_view name, bool up) {
  Draft* rules = drafts.map_at(behavior, name);
  if (!rules->get("selectPolicy")) drafts.set(rules, "selectPolicy", drafts.text("Max"));
  if (up && !rules->get("stabilizationWindowSeconds")) drafts.set(rules, "stabilizationWindowSeconds", drafts.integer(0));
  if (rules->get("policies")) return;
  Draft* policies = drafts.set(rules, "policies", drafts.list());
  const auto add = [&](std::string_view type, std::int64_t value) {
    Draft* policy = drafts.map();
    drafts.append(policies, policy);
    drafts.set(policy, "type", drafts.text(type));
    drafts.set(policy, "value", drafts.integer(value));
    drafts.set(policy, "periodSeconds", drafts.integer(15));
  };
  if (up) add("Pods", 4);
  add("Percent", 100);
}

void autoscaler(Drafts& drafts, Draft* map, std::string_view) {
  if (lacks(map, "metrics")) {
    Draft* metric = drafts.map();
    drafts.append(drafts.set(map, "metrics", drafts.list()), metric);
    drafts.set(metric, "type", drafts.text("Resource"));
    Draft* resource = drafts.set(metric, "resource", drafts.map());
    drafts.set(resource, "name", drafts.text("cpu"));
    Draft* target = drafts.set(resource, "target", drafts.map());
    drafts.set(target, "type", drafts.text("Utilization"));
    drafts.set(target, "averageUtilization", drafts.integer(80));
  }
  if (Draft* behavior = map->get("behavior"); behavior && behavior->is_map()) {
    scaling_rules(drafts, behavior, "scaleUp", true);
    scaling_rules(drafts, behavior, "scaleDown", false);
  }
}

// Conversion writes their kind into the templates of claims.
void stateful_set(Drafts& drafts, Draft* map, std::string_view) {
  const Draft* claims = map->get("volumeClaimTemplates");
  if (!claims) return;
  for (Draft* claim : claims->items) {
    if (!claim->is_map()) continue;
    drafts.set(claim, "kind", drafts.text("PersistentVolumeClaim"));
    drafts.set(claim, "apiVersion", drafts.text("v1"));
  }
}

void node_status(Drafts& drafts, Draft* map, std::string_view) {
  const Draft* capacity = map->get("capacity");
  if (capacity && !map->get("allocatable")) drafts.set(map, "allocatable", drafts.copy(capacity));
}

void pod(Drafts& drafts, Draft* map, std::string_view) {
  Draft* spec = map->get("spec");
  if (!spec || !spec->is_map()) return;
  for (const std::string_view list : {"containers", "initContainers"}) {
    Draft* containers = spec->get(list);
    if (!containers) continue;
    for (Draft* one : containers->items) {
      if (!one->is_map()) continue;
      requests_from_limits(drafts, one);
      const Draft* network = spec->get("hostNetwork");
      if (!network || !network->leaf.as_bool() || !one->get("ports")) continue;
      for (Draft* port : one->get("ports")->items)
        if (port->is_map() && lacks(port, "hostPort") && port->get("containerPort"))
          drafts.set(port, "hostPort", drafts.copy(port->get("containerPort")));
    }
  }
}

// The old name of the service account's field is kept in step.
void pod_spec(Drafts& drafts, Draft* map, std::string_view) {
  if (lacks(map, "serviceAccountName") && set(map, "serviceAccount"))
    drafts.set(map, "serviceAccountName", drafts.text(map->text("serviceAccount")));
}

void secret(Drafts& drafts, Draft* map, std::string_view) {
  const Draft* texts = map->get("stringData");
  if (!texts) return;
  if (texts->is_map())
    for (const auto& [name, value] : texts->fields) drafts.set(drafts.map_at(map, "data"), name, drafts.text(base64(value->leaf.as_string())));
  drafts.erase(map, "stringData");
}

struct Hook {
  std::string_view type;
  void (*run)(Drafts& drafts, Draft* map, std::string_view root);
};
// After the defaults of the same map, before those of what it holds.
constexpr std::array hooks = {
    Hook{"core.v1.Container", container}, Hook{"core.v1.EphemeralContainer", container}, Hook{"core.v1.Volume", volume},
    Hook{"core.v1.ServicePort", service_port}, Hook{"core.v1.ServiceSpec", service_spec},
    Hook{"networking.v1.NetworkPolicySpec", network_policy}, Hook{"batch.v1.Job", template_labels},
    Hook{"core.v1.ReplicationController", template_labels}, Hook{"core.v1.Namespace", name_space},
    Hook{"core.v1.LimitRangeItem", limit_range_item}, Hook{"autoscaling.v2.HorizontalPodAutoscalerSpec", autoscaler},
    Hook{"apps.v1.StatefulSetSpec", stateful_set}, Hook{"core.v1.NodeStatus", node_status}, Hook{"core.v1.Pod", pod}, Hook{"core.v1.PodSpec", pod_spec}, Hook{"core.v1.Secret", secret},
};

void walk(Drafts& drafts, Draft* draft, std::string_view root, int depth) {
  if (depth > 200 || drafts.failed()) return;
  if (draft->is_map() && draft->type) {
    // A struct that is no pointer is always there to have defaults.
    for (const FieldType& field : draft->type->fields)
      if (field.always && !field.pointer && field.kind == FieldKind::structure && field.shape == FieldType::Shape::plain &&
          !draft->get(field.name) && field.type && !field.type->defaults.empty())
        drafts.map_at(draft, field.name);
    stated(drafts, draft, root);
    for (const Hook& hook : hooks)
      if (hook.type == draft->type->name) hook.run(drafts, draft, root);
  }
  for (std::size_t i = 0; i < draft->fields.size(); ++i) walk(drafts, draft->fields[i].second, root, depth + 1);
  for (std::size_t i = 0; i < draft->items.size(); ++i) walk(drafts, draft->items[i], root, depth + 1);
}

}  // namespace

void requests_from_limits(Drafts& drafts, Draft* container) {
  Draft* resources = container->get("resources");
  const Draft* limits = resources && resources->is_map() ? resources->get("limits") : nullptr;
  if (!limits || !limits->is_map() || limits->fields.empty()) return;
  Draft* requests = drafts.map_at(resources, "requests");
  for (const auto& [name, value] : limits->fields)
    if (!requests->get(name)) drafts.set(requests, name, drafts.copy(value));
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) three = three << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= count ? alphabet[three >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

void apply_defaults(Drafts& drafts, Draft* object) {
  if (object->type) walk(drafts, object, object->type->name, 0);
}

}  // namespace assay::kubernetes::admission
