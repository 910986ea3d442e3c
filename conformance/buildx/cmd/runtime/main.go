// Command runtime is runc for a machine that is itself a container: with the capabilities and the network that the machine has. The
// builder's container then reaches the registries of the test, which listen on 127.0.0.1 only.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

var names = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
	NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE
	SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
	BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`)

// bounding is the set of capabilities that a process of this machine can have.
func bounding() uint64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), "CapBnd:")
	set, _ := strconv.ParseUint(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]), 16, 64)
	return set
}

func change(file string, by func(map[string]any)) {
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	var object map[string]any
	if json.Unmarshal(text, &object) != nil {
		return
	}
	by(object)
	text, _ = json.Marshal(object)
	_ = os.WriteFile(file, text, 0o600)
}

func process(object map[string]any) {
	set := bounding()
	capabilities, _ := object["capabilities"].(map[string]any)
	for kind, list := range capabilities {
		all, _ := list.([]any)
		capabilities[kind] = slices.DeleteFunc(all, func(one any) bool {
			i := slices.Index(names, strings.TrimPrefix(one.(string), "CAP_"))
			return i < 0 || set>>i&1 == 0
		})
	}
	// The init program of Debian is linked dynamically, and the image has no libraries.
	if args, _ := object["args"].([]any); len(args) > 2 && args[0] == "/sbin/docker-init" {
		object["args"] = args[2:]
	}
}

func main() {
	for i, argument := range os.Args {
		if i+1 == len(os.Args) {
			break
		}
		switch argument {
		case "--process", "-p":
			change(os.Args[i+1], process)
		case "--bundle":
			change(filepath.Join(os.Args[i+1], "config.json"), func(spec map[string]any) {
				process(spec["process"].(map[string]any))
				linux := spec["linux"].(map[string]any)
				linux["namespaces"] = slices.DeleteFunc(linux["namespaces"].([]any), func(one any) bool {
					return one.(map[string]any)["type"] == "network"
				})
				delete(linux, "sysctl")
				for _, mount := range spec["mounts"].([]any) {
					if m := mount.(map[string]any); m["destination"] == "/etc/hosts" {
						m["source"] = os.Getenv("FORGE_HOSTS")
					}
				}
			})
		}
	}
	runc, err := exec.LookPath("runc")
	if err == nil {
		err = syscall.Exec(runc, append([]string{"runc"}, os.Args[1:]...), os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
