// Edges of the custom resources that operators read: cert-manager, External Secrets, Strimzi, CloudNativePG,
// RabbitMQ, Velero, the Prometheus operator, Karpenter, Kyverno.
#include <algorithm>
#include <string>

#include "parsers/kubernetes/adapter.hpp"
#include "parsers/kubernetes/edges.hpp"

namespace assay::kubernetes {
namespace {

constexpr std::string_view secret = "k8s:Secret", config_map = "k8s:ConfigMap",
                           storage_class = "k8s:storage.k8s.io/StorageClass";

// --- cert-manager, External Secrets ------------------------------------------------------------------

void certificate_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec"), issuer = spec.find("issuerRef"), group = issuer.find("group");
  const Value kind = issuer.find("kind");
  const std::string_view kind_name = kind.is_string() ? kind.as_string() : "Issuer";
  const std::string type =
      type_of(std::string(group.is_string() ? group.as_string() : "cert-manager.io") + "/", kind_name);
  linker.refer(from, EdgeKind::references, type, kind_name == "ClusterIssuer" ? "" : from.ns, issuer.find("name"));
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.find("secretName"));
}

void issuer_edges(Linker& linker, const Resource& from) {
  if (from.ns.empty()) return;  // a ClusterIssuer's Secrets are in a namespace that its operator's flags say
  const Value spec = from.value.find("spec");
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"ca", "secretName"}));
  // ACME's account key is created when it is not there.
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"acme", "privateKeySecretRef", "name"}), true);
}

void external_secret_edges(Linker& linker, const Resource& from) {
  const auto store = [&](Value reference) {
    const bool cluster = reference.find("kind").as_string() == "ClusterSecretStore";
    linker.refer(from, EdgeKind::references,
                 cluster ? "k8s:external-secrets.io/ClusterSecretStore" : "k8s:external-secrets.io/SecretStore",
                 cluster ? std::string_view() : std::string_view(from.ns), reference.find("name"));
  };
  const Value spec = from.value.find("spec");
  store(spec.find("secretStoreRef"));
  for (const std::string_view field : {"data", "dataFrom"})
    for (const Value item : spec.find(field).items()) store(item.at({"sourceRef", "storeRef"}));
}

// --- Strimzi -----------------------------------------------------------------------------------------

constexpr std::string_view kafka = "k8s:kafka.strimzi.io/Kafka";

// Strimzi's field is `class`; `storageClass`, which it drops, shows what was meant.
void kafka_storage_edges(Linker& linker, const Resource& from, Value storage) {
  const auto volume = [&](Value each) {
    for (const std::string_view field : {"class", "storageClass"})
      linker.refer(from, EdgeKind::references, storage_class, "", each.find(field));
  };
  volume(storage);
  for (const Value each : storage.find("volumes").items()) volume(each);
}

// KafkaTopic, KafkaUser, KafkaNodePool …: their cluster by label.
void kafka_member_edges(Linker& linker, const Resource& from) {
  const std::string_view type =
      from.type == "k8s:kafka.strimzi.io/KafkaConnector" ? "k8s:kafka.strimzi.io/KafkaConnect" : kafka;
  linker.refer(from, EdgeKind::references, type, from.ns, from.value.at({"metadata", "labels", "strimzi.io/cluster"}));
  kafka_storage_edges(linker, from, from.value.at({"spec", "storage"}));
}

void kafka_edges(Linker& linker, const Resource& from) {
  for (const std::string_view part : {"kafka", "zookeeper"}) {
    const Value spec = from.value.at({"spec", part});
    kafka_storage_edges(linker, from, spec.find("storage"));
    linker.refer(from, EdgeKind::references, config_map, from.ns,
                 spec.at({"metricsConfig", "valueFrom", "configMapKeyRef", "name"}));
    linker.refer(from, EdgeKind::references, config_map, from.ns,
                 spec.at({"logging", "valueFrom", "configMapKeyRef", "name"}));
    for (const Value listener : spec.find("listeners").items())
      linker.refer(from, EdgeKind::references, secret, from.ns,
                   listener.at({"configuration", "brokerCertChainAndKey", "secretName"}));
  }
}

// --- databases and backups ---------------------------------------------------------------------------

constexpr std::string_view postgres_cluster = "k8s:postgresql.cnpg.io/Cluster";

void postgres_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  linker.refer(from, EdgeKind::references, storage_class, "", spec.at({"storage", "storageClass"}));
  linker.refer(from, EdgeKind::references, storage_class, "", spec.at({"walStorage", "storageClass"}));
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"superuserSecret", "name"}));
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"bootstrap", "initdb", "secret", "name"}));
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"certificates", "serverTLSSecret"}));
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"certificates", "serverCASecret"}));
  const Value store = spec.at({"backup", "barmanObjectStore"});
  for (const std::string_view provider : {"s3Credentials", "azureCredentials", "googleCredentials"})
    for (const Entry& entry : store.find(provider).entries())
      linker.refer(from, EdgeKind::references, secret, from.ns, entry.value.find("name"));
  linker.refer(from, EdgeKind::references, secret, from.ns, store.at({"endpointCA", "name"}));
  for (const Value plugin : spec.find("plugins").items())
    linker.refer(from, EdgeKind::references, "k8s:barmancloud.cnpg.io/ObjectStore", from.ns,
                 plugin.at({"parameters", "barmanObjectName"}));
}

void postgres_backup_edges(Linker& linker, const Resource& from) {
  const Value name = from.value.at({"spec", "cluster", "name"});
  linker.refer(from, EdgeKind::references, postgres_cluster, from.ns, name);
  linker.arrive(from, EdgeKind::backed_up_by, postgres_cluster, from.ns, name.as_string(), name);
}

void postgres_pooler_edges(Linker& linker, const Resource& from) {
  linker.refer(from, EdgeKind::routes_to, postgres_cluster, from.ns, from.value.at({"spec", "cluster", "name"}));
}

void postgres_member_edges(Linker& linker, const Resource& from) {
  linker.refer(from, EdgeKind::references, postgres_cluster, from.ns, from.value.at({"spec", "cluster", "name"}));
}

void rabbitmq_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  linker.refer(from, EdgeKind::references, storage_class, "", spec.at({"persistence", "storageClassName"}));
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"tls", "secretName"}));
  linker.refer(from, EdgeKind::references, secret, from.ns, spec.at({"tls", "caSecretName"}));
}

void rabbitmq_member_edges(Linker& linker, const Resource& from) {
  const Value reference = from.value.at({"spec", "rabbitmqClusterReference"}), ns = reference.find("namespace");
  linker.refer(from, EdgeKind::references, "k8s:rabbitmq.com/RabbitmqCluster",
               ns.is_string() ? ns.as_string() : std::string_view(from.ns), reference.find("name"));
}

bool names_any(Value list, std::string_view wanted) {
  return std::any_of(list.items().begin(), list.items().end(), [&](Value item) {
    return item.is_string() && (item.as_string() == "*" || item.as_string() == wanted);
  });
}

// Velero writes resources in plural, with or without their group: persistentvolumeclaims, statefulsets.apps.
bool velero_takes(Value spec, std::string_view ns, std::string_view plural, std::string_view grouped) {
  const Value spaces = spec.find("includedNamespaces"), resources = spec.find("includedResources");
  if (spaces.size() > 0 && !names_any(spaces, ns)) return false;
  if (names_any(spec.find("excludedNamespaces"), ns)) return false;
  if (resources.size() > 0 && !names_any(resources, plural) && !names_any(resources, grouped)) return false;
  const Value excluded = spec.find("excludedResources");
  return !names_any(excluded, plural) && !names_any(excluded, grouped);
}

void velero_edges(Linker& linker, const Resource& from) {
  const Value spec =
      from.type == "k8s:velero.io/Schedule" ? from.value.at({"spec", "template"}) : from.value.find("spec");
  linker.refer(from, EdgeKind::references, "k8s:velero.io/BackupStorageLocation", from.ns,
               spec.find("storageLocation"));
  struct Taken {
    std::string_view type, plural, grouped;
  };
  constexpr Taken taken[] = {{"k8s:PersistentVolumeClaim", "persistentvolumeclaims", "pvc"},
                             {"k8s:apps/StatefulSet", "statefulsets", "statefulsets.apps"}};
  // labelSelector narrows; of orLabelSelectors any suffices.
  std::vector<Selector> selectors;
  for (const Value any : spec.find("orLabelSelectors").items()) selectors.push_back(Selector::of_label_selector(any));
  if (selectors.empty()) selectors.push_back(Selector::of_label_selector(spec.find("labelSelector")));
  const Value reason = from.value.at({"metadata", "name"});
  for (const Taken& each : taken)
    for (const std::string& ns : linker.namespaces(from.scope)) {
      if (!velero_takes(spec, ns, each.plural, each.grouped)) continue;
      for (const Selector& selector : selectors)
        for (const ResourceId id : linker.labelled(each.type, from.scope, ns, selector))
          linker.link(linker.graph.resource(id), from.id, EdgeKind::backed_up_by, reason);
    }
}

// --- Prometheus operator -----------------------------------------------------------------------------

void monitor_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec"), written = spec.find("selector"), spaces = spec.find("namespaceSelector");
  if (!written.is_map()) return;
  const Selector selector = Selector::of_label_selector(written);
  std::vector<std::string> namespaces;
  if (spaces.find("any").as_bool()) {
    namespaces = linker.namespaces(from.scope);
  } else {
    for (const Value name : spaces.find("matchNames").items()) namespaces.emplace_back(name.as_string());
    if (namespaces.empty()) namespaces.push_back(from.ns);
  }
  const bool pods = from.type == "k8s:monitoring.coreos.com/PodMonitor";
  for (const std::string& ns : namespaces)
    for (const ResourceId id :
         pods ? linker.pods(from.scope, ns, selector) : linker.labelled("k8s:Service", from.scope, ns, selector))
      linker.link(from, id, EdgeKind::selects, written);
}

struct Selects {
  std::string_view selector, namespace_selector, type;
};

// A null selector selects nothing, an empty one everything; a null namespace selector means the own namespace.
void select_objects(Linker& linker, const Resource& from, const Selects& selects) {
  const Value spec = from.value.find("spec"), written = spec.find(selects.selector),
              spaces = spec.find(selects.namespace_selector);
  if (!written.is_map()) return;
  const Selector selector = Selector::of_label_selector(written);
  std::vector<std::string> namespaces = {from.ns};
  if (spaces.is_map()) namespaces = linker.namespaces(from.scope, Selector::of_label_selector(spaces));
  for (const std::string& ns : namespaces)
    for (const ResourceId id : linker.labelled(selects.type, from.scope, ns, selector))
      linker.link(from, id, EdgeKind::selects, written);
}

void monitoring_pod_edges(Linker& linker, const Resource& from) {
  const Value spec = from.value.find("spec");
  linker.refer(from, EdgeKind::runs_as, "k8s:ServiceAccount", from.ns, spec.find("serviceAccountName"));
  for (const Value name : spec.find("secrets").items()) linker.refer(from, EdgeKind::mounts, secret, from.ns, name);
  for (const Value name : spec.find("configMaps").items())
    linker.refer(from, EdgeKind::mounts, config_map, from.ns, name);
  linker.refer(from, EdgeKind::references, storage_class, "",
               spec.at({"storage", "volumeClaimTemplate", "spec", "storageClassName"}));
}

void prometheus_edges(Linker& linker, const Resource& from) {
  constexpr Selects selected[] = {
      {"serviceMonitorSelector", "serviceMonitorNamespaceSelector", "k8s:monitoring.coreos.com/ServiceMonitor"},
      {"podMonitorSelector", "podMonitorNamespaceSelector", "k8s:monitoring.coreos.com/PodMonitor"},
      {"probeSelector", "probeNamespaceSelector", "k8s:monitoring.coreos.com/Probe"},
      {"scrapeConfigSelector", "scrapeConfigNamespaceSelector", "k8s:monitoring.coreos.com/ScrapeConfig"},
      {"ruleSelector", "ruleNamespaceSelector", "k8s:monitoring.coreos.com/PrometheusRule"},
  };
  for (const Selects& each : selected) select_objects(linker, from, each);
  monitoring_pod_edges(linker, from);
  for (const Value target : from.value.at({"spec", "alerting", "alertmanagers"}).items()) {
    const Value ns = target.find("namespace");
    linker.refer(from, EdgeKind::references, "k8s:Service", ns.is_string() ? ns.as_string() : std::string_view(from.ns),
                 target.find("name"));
  }
}

void alertmanager_edges(Linker& linker, const Resource& from) {
  select_objects(linker, from,
                 {"alertmanagerConfigSelector", "alertmanagerConfigNamespaceSelector",
                  "k8s:monitoring.coreos.com/AlertmanagerConfig"});
  monitoring_pod_edges(linker, from);
  const Value written = from.value.at({"spec", "configSecret"});
  // Without a name it reads alertmanager-NAME, and starts with an empty configuration if that is not there.
  const bool named = written.is_string() && !written.as_string().empty();
  linker.refer(from, EdgeKind::references, secret, from.ns,
               named ? written : linker.absent("alertmanager-" + from.name, from.value.find("spec"), "configSecret"),
               !named);
}

void thanos_ruler_edges(Linker& linker, const Resource& from) {
  select_objects(linker, from, {"ruleSelector", "ruleNamespaceSelector", "k8s:monitoring.coreos.com/PrometheusRule"});
  monitoring_pod_edges(linker, from);
}

// --- Karpenter ---------------------------------------------------------------------------------------

void karpenter_pool_edges(Linker& linker, const Resource& from) {
  const Value reference = from.value.at({"spec", "template", "spec", "nodeClassRef"}), group = reference.find("group");
  const Value kind = reference.find("kind");
  if (!kind.is_string()) return;
  linker.refer(from, EdgeKind::references, type_of(std::string(group.as_string()) + "/", kind.as_string()), "",
               reference.find("name"));
}

constexpr EdgeFunction table[] = {
    {"k8s:cert-manager.io/Certificate", certificate_edges},
    {"k8s:cert-manager.io/CertificateRequest", certificate_edges},
    {"k8s:cert-manager.io/ClusterIssuer", issuer_edges},
    {"k8s:cert-manager.io/Issuer", issuer_edges},
    {"k8s:external-secrets.io/ExternalSecret", external_secret_edges},
    {"k8s:kafka.strimzi.io/Kafka", kafka_edges},
    {"k8s:kafka.strimzi.io/KafkaConnector", kafka_member_edges},
    {"k8s:kafka.strimzi.io/KafkaNodePool", kafka_member_edges},
    {"k8s:kafka.strimzi.io/KafkaRebalance", kafka_member_edges},
    {"k8s:kafka.strimzi.io/KafkaTopic", kafka_member_edges},
    {"k8s:kafka.strimzi.io/KafkaUser", kafka_member_edges},
    {"k8s:karpenter.sh/NodePool", karpenter_pool_edges},
    {"k8s:monitoring.coreos.com/Alertmanager", alertmanager_edges},
    {"k8s:monitoring.coreos.com/PodMonitor", monitor_edges},
    {"k8s:monitoring.coreos.com/Prometheus", prometheus_edges},
    {"k8s:monitoring.coreos.com/PrometheusAgent", prometheus_edges},
    {"k8s:monitoring.coreos.com/ServiceMonitor", monitor_edges},
    {"k8s:monitoring.coreos.com/ThanosRuler", thanos_ruler_edges},
    {"k8s:postgresql.cnpg.io/Backup", postgres_backup_edges},
    {"k8s:postgresql.cnpg.io/Cluster", postgres_edges},
    {"k8s:postgresql.cnpg.io/Database", postgres_member_edges},
    {"k8s:postgresql.cnpg.io/Pooler", postgres_pooler_edges},
    {"k8s:postgresql.cnpg.io/ScheduledBackup", postgres_backup_edges},
    {"k8s:rabbitmq.com/Binding", rabbitmq_member_edges},
    {"k8s:rabbitmq.com/Exchange", rabbitmq_member_edges},
    {"k8s:rabbitmq.com/Policy", rabbitmq_member_edges},
    {"k8s:rabbitmq.com/Queue", rabbitmq_member_edges},
    {"k8s:rabbitmq.com/RabbitmqCluster", rabbitmq_edges},
    {"k8s:rabbitmq.com/User", rabbitmq_member_edges},
    {"k8s:velero.io/Backup", velero_edges},
    {"k8s:velero.io/Schedule", velero_edges},
};

}  // namespace

std::span<const EdgeFunction> operator_edges() { return table; }

}  // namespace assay::kubernetes
