package live

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"
)

// kubelet plays the part of a cluster's nodes, and of the controllers of StatefulSets and Deployments: it looks at what is in the API
// server and starts its pods. Each pod has a network of its own; the names of Services lead to the pods that they select.
type kubelet struct {
	cluster                           *cluster
	images                            *images
	folder, hosts, resolver, npmCache string
	fixed                             map[string]string
	// authorities are those of a machine that trusts nobody's private CA; pods of the namespace distrustful have no others.
	authorities string
	// apiAuthority is the certificate of the CA of the API server.
	apiAuthority string

	mu      sync.Mutex
	pods    map[string]*pod
	numbers int
	trouble error
	stop    context.CancelFunc
	done    chan struct{}
}

// distrustful is a namespace on nodes that do not trust the private CA of the forge.
const distrustful = "outer"

func (k *kubelet) start() {
	ctx, cancel := context.WithCancel(context.Background())
	k.stop, k.done, k.pods = cancel, make(chan struct{}), map[string]*pod{}
	go func() {
		defer close(k.done)
		for ctx.Err() == nil {
			err := k.look(ctx)
			k.mu.Lock()
			k.trouble = err
			k.mu.Unlock()
			sleep(ctx, 250*time.Millisecond)
		}
	}()
}

// end stops every pod.
func (k *kubelet) end() {
	k.stop()
	<-k.done
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pods {
		p.stop()
	}
	for _, p := range k.pods {
		<-p.done
	}
}

func (k *kubelet) look(ctx context.Context) error {
	wanted := map[string]bool{}
	for _, kind := range []string{"StatefulSet", "Deployment"} {
		workloads, err := k.cluster.all(kind, "")
		if err != nil {
			return err
		}
		for _, workload := range workloads {
			if err := k.workload(ctx, kind, workload, wanted); err != nil {
				return err
			}
		}
	}
	for key, p := range k.pods {
		if !wanted[key] {
			k.remove(key, p)
		}
	}
	return k.writeHosts()
}

func (k *kubelet) workload(ctx context.Context, kind string, workload object, wanted map[string]bool) error {
	replicas, ready := workload.number("spec", "replicas"), 0
	template := object(workload.at("spec", "template").(map[string]any))
	hash := templateHash(template)
	for i := range replicas {
		name := fmt.Sprintf("%s-%d", workload.name(), i)
		key := workload.namespace() + "/" + name
		wanted[key] = true
		p := k.pods[key]
		if p != nil && p.hash != hash {
			k.remove(key, p)
			p = nil
		}
		if p == nil {
			claims := map[string]string{}
			for _, claim := range workload.list("spec", "volumeClaimTemplates") {
				claims[claim.name()] = claim.text("spec", "resources", "requests", "storage")
			}
			if err := k.add(ctx, key, &pod{namespace: workload.namespace(), name: name, claimed: claims, hash: hash}, template); err != nil {
				return err
			}
			continue
		}
		if isReady, _ := p.state(); isReady {
			ready++
		}
	}
	status := map[string]any{"observedGeneration": workload.at("metadata", "generation"), "replicas": float64(replicas), "readyReplicas": float64(ready), "availableReplicas": float64(ready), "updatedReplicas": float64(replicas)}
	if kind == "StatefulSet" {
		status["currentRevision"], status["updateRevision"], status["currentReplicas"] = hash, hash, float64(replicas)
	} else {
		available := "False"
		if ready == replicas {
			available = "True"
		}
		status["conditions"] = []any{map[string]any{"type": "Available", "status": available, "reason": "Play", "message": ""}, map[string]any{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "message": ""}}
	}
	if k.isNew(status, workload) {
		return k.cluster.setStatus(kind, workload.namespace(), workload.name(), status)
	}
	return nil
}

func (k *kubelet) isNew(status map[string]any, workload object) bool {
	for field, value := range status {
		current := workload.at("status", field)
		if number, isNumber := value.(float64); isNumber && number == 0 && current == nil {
			continue
		}
		if field == "conditions" {
			was, _ := workload.condition("Available")
			if is := (object{"status": status}); was != is.text("status", "conditions", 0, "status") {
				return true
			}
			continue
		}
		if !reflect.DeepEqual(current, value) {
			return true
		}
	}
	return false
}

func (k *kubelet) add(ctx context.Context, key string, p *pod, template object) error {
	if err := k.prepare(p, template); err != nil {
		return err
	}
	ctx, p.stop = context.WithCancel(ctx)
	k.mu.Lock()
	k.pods[key] = p
	k.mu.Unlock()
	go p.run(ctx)
	return nil
}

// prepare gives a pod its folder, its network and its specification.
func (k *kubelet) prepare(p *pod, template object) error {
	k.mu.Lock()
	k.numbers++
	number := k.numbers
	k.mu.Unlock()
	folder := filepath.Join(k.folder, "pods", fmt.Sprintf("%s_%s_%d", p.namespace, p.name, number))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	labels, _ := template.at("metadata", "labels").(map[string]any)
	p.kubelet, p.labels, p.folder, p.done = k, labels, folder, make(chan struct{})
	p.spec = object(template.at("spec").(map[string]any))
	p.running, p.settings, p.restarts = map[string]*exec.Cmd{}, map[string]container{}, map[string]int{}
	p.address = fmt.Sprintf("10.1.0.%d", 9+number)
	return p.makeNetwork(number)
}

// job runs the pod of a job once, and returns what it says.
func (k *kubelet) job(namespace, name string, template object) (string, error) {
	p := &pod{namespace: namespace, name: name}
	if err := k.prepare(p, template); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	folders, err := p.volumes()
	if err != nil {
		return "", err
	}
	var all []string
	for _, c := range p.spec.list("containers") {
		err = p.once(ctx, c, folders)
		text, _ := os.ReadFile(p.logFile(c.text("name")))
		all = append(all, string(text))
	}
	_ = exec.Command("ip", "netns", "delete", p.network()).Run()
	return strings.Join(all, ""), err
}

func (k *kubelet) remove(key string, p *pod) {
	p.stop()
	<-p.done
	_ = exec.Command("ip", "netns", "delete", p.network()).Run()
	k.mu.Lock()
	delete(k.pods, key)
	k.mu.Unlock()
}

// makeNetwork gives the pod an address on the node's bridge.
func (p *pod) makeNetwork(number int) error {
	name, link := p.network(), fmt.Sprintf("pod%d", number)
	for _, line := range []string{
		"netns add " + name,
		"link add " + link + " type veth peer name eth0 netns " + name,
		"link set " + link + " master " + bridge + " up",
		"-n " + name + " address add " + p.address + "/24 dev eth0",
		"-n " + name + " link set eth0 up",
		"-n " + name + " link set lo up",
		"-n " + name + " route add default via 10.1.0.1",
	} {
		if output, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, output)
		}
	}
	return nil
}

// cut takes a pod off the network, or puts it back.
func (p *pod) cut(isCut bool) error {
	state := "up"
	if isCut {
		state = "down"
	}
	return exec.Command("ip", "-n", p.network(), "link", "set", "eth0", state).Run()
}

// writeHosts plays the cluster's DNS: what is written is seen in every pod at once.
func (k *kubelet) writeHosts() error {
	lines := []string{"127.0.0.1 localhost"}
	for name, address := range k.fixed {
		lines = append(lines, address+" "+name)
	}
	services, err := k.cluster.all("Service", "")
	if err != nil {
		return err
	}
	for _, service := range services {
		selector, _ := service.at("spec", "selector").(map[string]any)
		for _, p := range k.sorted() {
			if len(selector) > 0 && p.namespace == service.namespace() && selects(selector, p.labels) {
				lines = append(lines, fmt.Sprintf("%s %s.%s.svc.cluster.local", p.address, service.name(), service.namespace()))
			}
		}
	}
	sort.Strings(lines)
	text := strings.Join(lines, "\n") + "\n"
	if current, err := os.ReadFile(k.hosts); err == nil && string(current) == text {
		return nil
	}
	// In place: it is mounted.
	return os.WriteFile(k.hosts, []byte(text), 0o644)
}

func selects(selector, labels map[string]any) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

func (k *kubelet) sorted() []*pod {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []*pod
	for _, p := range k.pods {
		all = append(all, p)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].namespace+"/"+all[i].name < all[j].namespace+"/"+all[j].name })
	return all
}

func (k *kubelet) pod(namespace, name string) *pod {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pods[namespace+"/"+name]
}

// report says what every pod does.
func (k *kubelet) report() string {
	var lines []string
	for _, p := range k.sorted() {
		ready, trouble := p.state()
		lines = append(lines, fmt.Sprintf("pod %s/%s: ready %v, %s", p.namespace, p.name, ready, trouble))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.trouble != nil {
		lines = append(lines, k.trouble.Error())
	}
	return strings.Join(lines, "\n")
}

// pullSecrets are the Docker configurations of a pod, and of its account.
func (k *kubelet) pullSecrets(namespace string, spec object) ([]string, error) {
	references := spec.list("imagePullSecrets")
	name := spec.text("serviceAccountName")
	if name == "" {
		name = "default"
	}
	if account, err := k.cluster.get("ServiceAccount", namespace, name); err == nil {
		references = append(references, account.list("imagePullSecrets")...)
	}
	var texts []string
	for _, reference := range references {
		values, err := k.cluster.secret(namespace, reference.text("name"))
		if err != nil {
			// A node goes on without.
			continue
		}
		texts = append(texts, values[".dockerconfigjson"])
	}
	return texts, nil
}

// starter is a thread that never ends: a program that is to die with its parent dies with the thread that started it.
var starter = func() chan func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for todo := range work {
			todo()
		}
	}()
	return work
}()

func startOnMainThread(command *exec.Cmd) error {
	result := make(chan error)
	starter <- func() { result <- command.Start() }
	return <-result
}
