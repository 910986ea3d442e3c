package runner

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// gitea is what Gitea's runner reads, up to 3.5.0 (3.4.0 and 3.5.0 add no key); `since` is the version that introduced a key.
type gitea struct {
	Log struct {
		Level string `yaml:"level"`
		Job   struct {
			Dir       string        `yaml:"dir" since:"3.3.0"`
			Retention time.Duration `yaml:"retention" since:"3.3.0"`
			MaxSize   string        `yaml:"max_size" since:"3.3.0"`
		} `yaml:"job"`
	} `yaml:"log"`
	Runner struct {
		File                  string            `yaml:"file"`
		Capacity              int               `yaml:"capacity"`
		Envs                  map[string]string `yaml:"envs"`
		EnvFile               string            `yaml:"env_file"`
		Timeout               time.Duration     `yaml:"timeout"`
		ShutdownTimeout       time.Duration     `yaml:"shutdown_timeout" since:"0.2.11"`
		Insecure              bool              `yaml:"insecure"`
		FetchTimeout          time.Duration     `yaml:"fetch_timeout"`
		FetchInterval         time.Duration     `yaml:"fetch_interval"`
		FetchIntervalMax      time.Duration     `yaml:"fetch_interval_max" since:"0.4.0"`
		WorkdirCleanupAge     time.Duration     `yaml:"workdir_cleanup_age" since:"1.0.0"`
		IdleCleanupInterval   time.Duration     `yaml:"idle_cleanup_interval" since:"1.0.0"`
		LogReportInterval     time.Duration     `yaml:"log_report_interval" since:"0.4.0"`
		LogReportMaxLatency   time.Duration     `yaml:"log_report_max_latency" since:"0.4.0"`
		LogReportBatchSize    int               `yaml:"log_report_batch_size" since:"0.4.0"`
		StateReportInterval   time.Duration     `yaml:"state_report_interval" since:"0.4.0"`
		ReportCloseTimeout    time.Duration     `yaml:"report_close_timeout" since:"1.0.8"`
		Labels                []string          `yaml:"labels"`
		GithubMirror          string            `yaml:"github_mirror" since:"0.2.13"`
		ActionShallowClone    bool              `yaml:"action_shallow_clone" since:"2.0.0"`
		SetActEnv             bool              `yaml:"set_act_env" since:"2.1.0"`
		PatchActions          bool              `yaml:"patch_actions" since:"3.3.0"`
		AllocatePTY           bool              `yaml:"allocate_pty" since:"1.0.4"`
		DefaultImage          string            `yaml:"default_image" since:"3.3.0"`
		ToolCacheMode         string            `yaml:"tool_cache_mode" since:"3.2.0"`
		PostTaskScript        string            `yaml:"post_task_script" since:"2.0.0"`
		PostTaskScriptTimeout time.Duration     `yaml:"post_task_script_timeout" since:"2.0.0"`
		Hooks                 struct {
			JobStarted   string `yaml:"job_started" since:"3.0.0"`
			JobCompleted string `yaml:"job_completed" since:"3.0.0"`
		} `yaml:"hooks"`
	} `yaml:"runner"`
	Cache struct {
		Enabled            *bool         `yaml:"enabled"`
		Dir                string        `yaml:"dir"`
		Host               string        `yaml:"host"`
		Port               uint16        `yaml:"port"`
		ExternalServer     string        `yaml:"external_server"`
		ExternalSecretFile string        `yaml:"external_secret_file" since:"2.3.0"`
		OfflineMode        bool          `yaml:"offline_mode" since:"1.0.5"`
		V2                 bool          `yaml:"v2" since:"3.0.0"`
		Retention          time.Duration `yaml:"retention" since:"3.2.0"`
		RepoSizeLimit      string        `yaml:"repo_size_limit" since:"3.2.0"`
		SizeLimit          string        `yaml:"size_limit" since:"3.2.0"`
		SweepInterval      time.Duration `yaml:"sweep_interval" since:"3.2.0"`
	} `yaml:"cache"`
	Container struct {
		Network              string `yaml:"network"`
		NetworkCreateOptions struct {
			EnableIPv4 bool `yaml:"enable_ipv4" since:"2.0.0"`
			EnableIPv6 bool `yaml:"enable_ipv6" since:"2.0.0"`
		} `yaml:"network_create_options"`
		Privileged          bool          `yaml:"privileged"`
		Options             string        `yaml:"options"`
		WorkdirParent       string        `yaml:"workdir_parent"`
		ValidVolumes        []string      `yaml:"valid_volumes"`
		DockerHost          string        `yaml:"docker_host"`
		ForcePull           bool          `yaml:"force_pull"`
		ForceRebuild        bool          `yaml:"force_rebuild"`
		DockerTimeout       time.Duration `yaml:"docker_timeout" since:"0.2.13"`
		BindWorkdir         bool          `yaml:"bind_workdir" since:"0.3.1"`
		ServiceReadyTimeout time.Duration `yaml:"service_ready_timeout" since:"3.1.0"`
	} `yaml:"container"`
	HealthCheck struct {
		Enabled            bool          `yaml:"enabled" since:"2.2.0"`
		MinFreeDiskSpaceMB int           `yaml:"min_free_disk_space_mb" since:"2.2.0"`
		Script             string        `yaml:"script" since:"2.2.0"`
		Interval           time.Duration `yaml:"interval" since:"2.2.0"`
		Timeout            time.Duration `yaml:"timeout" since:"2.2.0"`
	} `yaml:"health_check"`
	Metrics struct {
		Enabled        bool          `yaml:"enabled" since:"0.4.0"`
		Addr           string        `yaml:"addr" since:"0.4.0"`
		ReadinessGrace time.Duration `yaml:"readiness_grace" since:"2.2.0"`
	} `yaml:"metrics"`
}

// forgejo is what Forgejo's runner 12 reads.
type forgejo struct {
	Log struct {
		Level    string `yaml:"level"`
		JobLevel string `yaml:"job_level"`
	} `yaml:"log"`
	Runner struct {
		File            string            `yaml:"file"`
		Labels          []string          `yaml:"labels"`
		Capacity        int               `yaml:"capacity"`
		Envs            map[string]string `yaml:"envs"`
		EnvFile         string            `yaml:"env_file"`
		Timeout         time.Duration     `yaml:"timeout"`
		ShutdownTimeout time.Duration     `yaml:"shutdown_timeout"`
		Insecure        bool              `yaml:"insecure"`
		FetchTimeout    time.Duration     `yaml:"fetch_timeout"`
		FetchInterval   time.Duration     `yaml:"fetch_interval"`
		ReportInterval  time.Duration     `yaml:"report_interval"`
	} `yaml:"runner"`
	Cache struct {
		Enabled                 *bool  `yaml:"enabled"`
		Dir                     string `yaml:"dir"`
		Host                    string `yaml:"host"`
		Port                    uint16 `yaml:"port"`
		ProxyPort               uint16 `yaml:"proxy_port"`
		ExternalServer          string `yaml:"external_server"`
		ActionsCacheURLOverride string `yaml:"actions_cache_url_override"`
		SecretURL               string `yaml:"secret_url"`
	} `yaml:"cache"`
	Container struct {
		Network       string   `yaml:"network"`
		EnableIPv6    bool     `yaml:"enable_ipv6"`
		Privileged    bool     `yaml:"privileged"`
		Options       string   `yaml:"options"`
		WorkdirParent string   `yaml:"workdir_parent"`
		ValidVolumes  []string `yaml:"valid_volumes"`
		DockerHost    string   `yaml:"docker_host"`
		ForcePull     bool     `yaml:"force_pull"`
		ForceRebuild  bool     `yaml:"force_rebuild"`
	} `yaml:"container"`
	Server struct {
		Connections map[string]struct {
			URL      string   `yaml:"url"`
			UUID     string   `yaml:"uuid"`
			TokenURL string   `yaml:"token_url"`
			Labels   []string `yaml:"labels"`
		} `yaml:"connections"`
	} `yaml:"server"`
}

func TestEveryFileHoldsOnlyWhatItsVersionReads(t *testing.T) {
	for _, c := range cases(t) {
		text := c.file(t, "config.yaml")
		decoder := yaml.NewDecoder(strings.NewReader(text))
		decoder.KnownFields(true)
		if c.Product == "forgejo" {
			var into forgejo
			if err := decoder.Decode(&into); err != nil {
				t.Fatalf("%+v: %v\n%s", c, err, text)
			}
			if into.Runner.File != "" {
				// It registers with a token, and keeps its identity in a file.
				if into.Runner.File != "/data/.runner" || len(into.Runner.Labels) == 0 || len(into.Server.Connections) > 0 {
					t.Errorf("%+v: file or labels are missing\n%s", c, text)
				}
				continue
			}
			connection := into.Server.Connections["forge"]
			if connection.UUID == "" || !strings.HasPrefix(connection.TokenURL, "file:///") || len(connection.Labels) == 0 {
				t.Errorf("%+v: the connection lacks something\n%s", c, text)
			}
			continue
		}
		var into gitea
		if err := decoder.Decode(&into); err != nil {
			t.Fatalf("%+v: %v\n%s", c, err, text)
		}
		for _, key := range tooNew(t, c.Version, text) {
			t.Errorf("%+v: %s is newer than %s", c, key, c.Version)
		}
		if into.Runner.File != "/data/.runner" || into.Runner.ShutdownTimeout <= 0 || len(into.Runner.Labels) == 0 {
			t.Errorf("%+v: file, shutdown timeout or labels are missing\n%s", c, text)
		}
	}
}

// tooNew names the keys in the text that a version does not know.
func tooNew(t *testing.T, version string, text string) []string {
	t.Helper()
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatal(err)
	}
	var found []string
	walk(reflect.TypeOf(gitea{}), tree, "", func(key, since string) {
		if since != "" && older(version, since) {
			found = append(found, key)
		}
	})
	return found
}

// walk visits each key of the tree that is a field, with the version that introduced it.
func walk(of reflect.Type, tree map[string]any, path string, visit func(key, since string)) {
	for i := range of.NumField() {
		field := of.Field(i)
		name := field.Tag.Get("yaml")
		value, there := tree[name]
		if !there {
			continue
		}
		visit(path+name, field.Tag.Get("since"))
		if below, isMap := value.(map[string]any); isMap && field.Type.Kind() == reflect.Struct {
			walk(field.Type, below, path+name+".", visit)
		}
	}
}

func older(version, than string) bool {
	a, b := numbers(version), numbers(than)
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func numbers(version string) [3]int {
	var parts [3]int
	for i, part := range strings.Split(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			panic(fmt.Sprintf("%q is not a version", version))
		}
		parts[i] = n
	}
	return parts
}
