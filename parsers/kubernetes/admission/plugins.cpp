// The mutating admission plug-ins that kube-apiserver 1.36 runs by default, in its order: LimitRanger,
// ServiceAccount, TaintNodesByCondition, Priority, DefaultTolerationSeconds, DefaultStorageClass,
// StorageObjectInUseProtection, RuntimeClass, DefaultIngressClass.
#include <algorithm>
#include <array>

#include "parsers/kubernetes/admission/defaults.hpp"

namespace assay::kubernetes::admission {

namespace {

constexpr std::string_view token_path = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::string_view token_volume = "kube-api-access-";

struct Plugins {
  Drafts& drafts;
  Draft* object;
  const World& world;
  std::string_view ns;
  std::vector<Premise>& premises;

  void assume(std::string text) { premises.push_back({std::move(text), PremiseStatus::assumed}); }

  Draft* spec() { return drafts.map_at(object, "spec"); }

  // Calls `visit` with every container of the pod and whether it is an init container.
  template <class Visit>
  void containers(const Visit& visit, bool init_first = false) {
    static constexpr std::array<std::string_view, 2> lists = {"containers", "initContainers"};
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string_view list = lists[init_first ? 1 - i : i];
      const Draft* all = spec()->get(list);
      if (!all) continue;
      for (Draft* one : all->items)
        if (one->is_map()) visit(one, list == "initContainers");
    }
  }

  void merge(Draft* container, const Draft* limits, std::string_view field, std::string_view from, std::vector<std::string>& names) {
    const Draft* defaults = limits->get(from);
    if (!defaults) return;
    Draft* resources = drafts.map_at(container, "resources");
    for (const auto& [name, value] : defaults->fields) {
      Draft* target = drafts.map_at(resources, field);
      if (target->get(name)) continue;
      drafts.set(target, name, drafts.copy(value));
      names.push_back(std::string(name));
    }
  }

  void limit_ranger() {
    for (const Value range : world.all("k8s:LimitRange", ns)) {
      Draft* read = drafts.read(range, world.schema->type_of("v1", "LimitRange"));
      if (!read) return;
      apply_defaults(drafts, read);
      const Draft* limits = read->get("spec") ? read->get("spec")->get("limits") : nullptr;
      if (!limits) continue;
      std::string changes;
      containers([&](Draft* container, bool init) {
        std::vector<std::string> requests, maxima;
        for (const Draft* item : limits->items) {
          if (!item->is_map() || item->text("type") != "Container") continue;
          merge(container, item, "limits", "default", maxima);
          merge(container, item, "requests", "defaultRequest", requests);
        }
        const auto note = [&](std::vector<std::string>& names, std::string_view what) {
          if (names.empty()) return;
          std::sort(names.begin(), names.end());
          changes += changes.empty() ? "LimitRanger plugin set: " : "; ";
          for (std::size_t i = 0; i < names.size(); ++i) changes += (i ? ", " : "") + names[i];
          changes += " " + std::string(what) + " for " + (init ? "init container " : "container ") + std::string(container->text("name"));
        };
        note(requests, "request");
        note(maxima, "limit");
      });
      if (!changes.empty()) {
        Draft* annotations = drafts.map_at(drafts.map_at(object, "metadata"), "annotations");
        drafts.set(annotations, "kubernetes.io/limit-ranger", drafts.text(changes));
      }
    }
  }

  Draft* token_source() {
    Draft* projected = drafts.map(world.schema->type("core.v1.ProjectedVolumeSource"));
    drafts.set(projected, "defaultMode", drafts.integer(420));
    Draft* sources = drafts.set(projected, "sources", drafts.list());
    const auto source = [&](std::string_view field) {
      Draft* one = drafts.map();
      drafts.append(sources, one);
      return drafts.set(one, field, drafts.map());
    };
    Draft* token = source("serviceAccountToken");
    drafts.set(token, "expirationSeconds", drafts.integer(3607));
    drafts.set(token, "path", drafts.text("token"));
    Draft* certificates = source("configMap");
    drafts.set(certificates, "name", drafts.text("kube-root-ca.crt"));
    Draft* item = drafts.map();
    drafts.append(drafts.set(certificates, "items", drafts.list()), item);
    drafts.set(item, "key", drafts.text("ca.crt"));
    drafts.set(item, "path", drafts.text("ca.crt"));
    Draft* file = drafts.map();
    drafts.append(drafts.set(source("downwardAPI"), "items", drafts.list()), file);
    drafts.set(file, "path", drafts.text("namespace"));
    Draft* reference = drafts.set(file, "fieldRef", drafts.map());
    drafts.set(reference, "apiVersion", drafts.text("v1"));
    drafts.set(reference, "fieldPath", drafts.text("metadata.namespace"));
    return projected;
  }

  void mount_token() {
    Draft* volumes = spec()->get("volumes");
    Draft* name = nullptr;
    if (volumes)
      for (const Draft* volume : volumes->items)
        if (!name && volume->text("name").starts_with(token_volume)) name = drafts.text(volume->text("name"));
    const bool there = name != nullptr;
    if (!name) name = drafts.unknown("spec.volumes[kube-api-access].name", "the API server makes it up");
    bool needed = false;
    containers([&](Draft* container, bool) {
      Draft* mounts = container->get("volumeMounts");
      if (mounts && std::any_of(mounts->items.begin(), mounts->items.end(), [](const Draft* m) { return m->text("mountPath") == token_path; })) return;
      needed = true;
      Draft* mount = drafts.map(world.schema->type("core.v1.VolumeMount"));
      drafts.append(drafts.list_at(container, "volumeMounts"), mount);
      drafts.set(mount, "name", drafts.copy(name));
      drafts.set(mount, "readOnly", drafts.boolean(true));
      drafts.set(mount, "mountPath", drafts.text(token_path));
    }, true);
    if (there || !needed) return;
    Draft* volume = drafts.map(world.schema->type("core.v1.Volume"));
    drafts.append(drafts.list_at(spec(), "volumes"), volume);
    drafts.set(volume, "name", drafts.copy(name));
    drafts.set(volume, "projected", token_source());
  }

  void service_account() {
    const Draft* metadata = object->get("metadata");
    const Draft* annotations = metadata ? metadata->get("annotations") : nullptr;
    if (annotations && annotations->get("kubernetes.io/config.mirror")) return;
    if (lacks(spec(), "serviceAccountName")) drafts.set(spec(), "serviceAccountName", drafts.text("default"));
    const std::string name(spec()->text("serviceAccountName"));
    const Value account = world.find("k8s:ServiceAccount", ns, name);
    const Draft* own = spec()->get("automountServiceAccountToken");
    bool mounts = true;
    if (own) {
      mounts = own->leaf.as_bool();
    } else if (account) {
      const Value stated = account.find("automountServiceAccountToken");
      mounts = !stated.is(Kind::boolean) || stated.as_bool();
    } else {
      assume("service account `" + std::string(ns) + "/" + name + "`, which is not among the inputs, lets its token be mounted and has no pull secrets");
    }
    if (mounts) mount_token();
    const Value secrets = account.find("imagePullSecrets");
    if (lacks(spec(), "imagePullSecrets") && secrets.size() > 0) {
      Draft* list = drafts.set(spec(), "imagePullSecrets", drafts.list());
      for (const Value secret : secrets.items()) {
        Draft* one = drafts.map();
        drafts.append(list, one);
        drafts.set(one, "name", drafts.text(secret.find("name").as_string()));
      }
    }
  }

  void priority() {
    const std::string name(spec()->text("priorityClassName"));
    const auto give = [&](std::int64_t value, std::string_view policy) {
      drafts.set(spec(), "priority", drafts.integer(value));
      drafts.set(spec(), "preemptionPolicy", drafts.text(policy.empty() ? "PreemptLowerPriority" : policy));
    };
    if (name == "system-cluster-critical") return give(2'000'000'000, {});
    if (name == "system-node-critical") return give(2'000'001'000, {});
    constexpr std::string_view type = "k8s:scheduling.k8s.io/PriorityClass";
    if (!name.empty()) {
      const Value own = world.find(type, {}, name);
      if (own) return give(own.find("value").as_int(), own.find("preemptionPolicy").as_string());
      drafts.set(spec(), "priority", drafts.unknown("spec.priority", drafts.arena().copy("priority class `" + name + "` is not among the inputs")));
      drafts.set(spec(), "preemptionPolicy", drafts.unknown("spec.preemptionPolicy", drafts.arena().copy("priority class `" + name + "` is not among the inputs")));
      return;
    }
    Value lowest;
    for (const Value one : world.all(type, {}))
      if (one.find("globalDefault").as_bool() && (!lowest || one.find("value").as_int() < lowest.find("value").as_int())) lowest = one;
    if (!lowest) return give(0, {});
    drafts.set(spec(), "priorityClassName", drafts.text(lowest.at({"metadata", "name"}).as_string()));
    give(lowest.find("value").as_int(), lowest.find("preemptionPolicy").as_string());
  }

  void toleration_seconds() {
    for (const std::string_view key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
      const Draft* all = spec()->get("tolerations");
      const bool tolerated = all && std::any_of(all->items.begin(), all->items.end(), [&](const Draft* one) {
                               const std::string_view effect = one->text("effect"), of = one->text("key");
                               return (of == key || of.empty()) && (effect == "NoExecute" || effect.empty());
                             });
      if (tolerated) continue;
      Draft* made = drafts.map(world.schema->type("core.v1.Toleration"));
      drafts.append(drafts.list_at(spec(), "tolerations"), made);
      drafts.set(made, "key", drafts.text(key));
      drafts.set(made, "operator", drafts.text("Exists"));
      drafts.set(made, "effect", drafts.text("NoExecute"));
      drafts.set(made, "tolerationSeconds", drafts.integer(300));
    }
  }

  void runtime_class() {
    const std::string name(spec()->text("runtimeClassName"));
    if (name.empty()) return;
    const Value own = world.find("k8s:node.k8s.io/RuntimeClass", {}, name);
    if (!own) {
      if (lacks(spec(), "overhead"))
        drafts.set(spec(), "overhead", drafts.unknown("spec.overhead", drafts.arena().copy("runtime class `" + name + "` is not among the inputs")));
      return;
    }
    Draft* read = drafts.read(own, world.schema->type_of("node.k8s.io/v1", "RuntimeClass"));
    if (!read) return;
    if (const Draft* overhead = read->get("overhead"))
      if (const Draft* fixed = overhead->get("podFixed")) drafts.set(spec(), "overhead", drafts.copy(fixed));
    const Draft* scheduling = read->get("scheduling");
    if (!scheduling) return;
    if (const Draft* selector = scheduling->get("nodeSelector"))
      for (const auto& [key, value] : selector->fields) drafts.set(drafts.map_at(spec(), "nodeSelector"), key, drafts.copy(value));
    if (const Draft* tolerations = scheduling->get("tolerations"))
      for (const Draft* one : tolerations->items) drafts.append(drafts.list_at(spec(), "tolerations"), drafts.copy(one));
  }

  // The name of the newest object of a type that an annotation marks as the default.
  std::string default_of(std::string_view type, std::initializer_list<std::string_view> annotations) const {
    std::string name;
    for (const Value one : world.all(type, {}))
      for (const std::string_view annotation : annotations)
        if (name.empty() && one.at({"metadata", "annotations"}).find(annotation).as_string() == "true")
          name = one.at({"metadata", "name"}).as_string();
    return name;
  }

  void default_class(std::string_view field, std::string_view type, std::initializer_list<std::string_view> annotations, std::string_view what) {
    if (spec()->get(field)) return;
    if (const std::string name = default_of(type, annotations); !name.empty()) drafts.set(spec(), field, drafts.text(name));
    else if (!world.closed(type))
      drafts.set(spec(), field, drafts.unknown(drafts.arena().copy("spec." + std::string(field)), what));
  }

  void finalizer(std::string_view name) {
    Draft* finalizers = drafts.list_at(drafts.map_at(object, "metadata"), "finalizers");
    const bool there = std::any_of(finalizers->items.begin(), finalizers->items.end(), [&](const Draft* f) { return f->leaf.as_string() == name; });
    if (!there) drafts.append(finalizers, drafts.text(name));
  }

  void node() {
    Draft* taints = drafts.list_at(spec(), "taints");
    for (const Draft* taint : taints->items)
      if (taint->text("key") == "node.kubernetes.io/not-ready" && taint->text("effect") == "NoSchedule") return;
    Draft* taint = drafts.map();
    drafts.append(taints, taint);
    drafts.set(taint, "key", drafts.text("node.kubernetes.io/not-ready"));
    drafts.set(taint, "effect", drafts.text("NoSchedule"));
  }
};

}  // namespace

void apply_plugins(Drafts& drafts, Draft* object, const World& world, std::string_view ns, std::vector<Premise>& premises) {
  if (!object->type) return;
  Plugins plugins{drafts, object, world, ns, premises};
  const std::string_view type = object->type->name;
  if (type == "core.v1.Pod") {
    plugins.limit_ranger();
    plugins.service_account();
    plugins.priority();
    plugins.toleration_seconds();
    plugins.runtime_class();
  } else if (type == "core.v1.Node") {
    plugins.node();
  } else if (type == "core.v1.PersistentVolumeClaim") {
    const Draft* metadata = object->get("metadata");
    const Draft* annotations = metadata ? metadata->get("annotations") : nullptr;
    if (!annotations || !annotations->get("volume.beta.kubernetes.io/storage-class"))
      plugins.default_class("storageClassName", "k8s:storage.k8s.io/StorageClass",
                            {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"},
                            "the cluster's default storage class is not among the inputs");
    plugins.finalizer("kubernetes.io/pvc-protection");
  } else if (type == "core.v1.PersistentVolume") {
    plugins.finalizer("kubernetes.io/pv-protection");
  } else if (type == "networking.v1.Ingress") {
    const Draft* metadata = object->get("metadata");
    const Draft* annotations = metadata ? metadata->get("annotations") : nullptr;
    if (!annotations || !annotations->get("kubernetes.io/ingress.class"))
      plugins.default_class("ingressClassName", "k8s:networking.k8s.io/IngressClass", {"ingressclass.kubernetes.io/is-default-class"},
                            "the cluster's default ingress class is not among the inputs");
  }
}

}  // namespace assay::kubernetes::admission
