// Kubernetes' own API server, which the recorder asks. Policies become active after a tenth of a second
// instead of a second; nothing else differs from cmd/kube-apiserver.
package main

import (
	"os"
	"time"

	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	defer generic.SetPolicyRefreshIntervalForTests(100 * time.Millisecond)()
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
