package live

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// runbook is what the operator reads: its commands, and the secrets that are to be made.
type runbook struct {
	text   string
	blocks []string
	rows   []secretRow
}

// secretRow is a line of a table of secrets.
type secretRow struct {
	namespace, name, kind, scope string
	keys, hosts                  []string
}

var (
	blockPattern = regexp.MustCompile("(?ms)^( *)```sh\n(.*?)^ *```")
	rowPattern   = regexp.MustCompile("(?m)^\\| `([^`/]+)/([^`]+)` \\| `([^`]+)` \\| ([^|]*) \\| ([^|]*) \\| ([^|]*) \\|")
	quotedWords  = regexp.MustCompile("`([^`]+)`")
	hostsPattern = regexp.MustCompile("one entry each for ((?:`[^`]+`(?:, | and )?)+)")
	scopePattern = regexp.MustCompile("`((?:read|write):[a-z]+)`")
)

func readRunbook(file string) (runbook, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return runbook{}, err
	}
	r := runbook{text: string(text)}
	for _, match := range blockPattern.FindAllStringSubmatch(r.text, -1) {
		lines := strings.Split(match[2], "\n")
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], match[1])
		}
		r.blocks = append(r.blocks, strings.Join(lines, "\n"))
	}
	for _, match := range rowPattern.FindAllStringSubmatch(r.text, -1) {
		row := secretRow{namespace: match[1], name: match[2], kind: match[3], keys: words(match[4])}
		if hosts := hostsPattern.FindStringSubmatch(match[5]); hosts != nil {
			row.hosts = words(hosts[1])
		}
		if scopes := words(match[6]); len(scopes) > 0 {
			row.scope = scopes[0]
		}
		r.rows = append(r.rows, row)
	}
	return r, nil
}

func words(text string) []string {
	var all []string
	for _, match := range quotedWords.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}

// block is the one block that holds all these texts.
func (r runbook) block(texts ...string) (string, error) {
	var found []string
	for _, block := range r.blocks {
		all := true
		for _, text := range texts {
			all = all && strings.Contains(block, text)
		}
		if all {
			found = append(found, block)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("the runbook has %d blocks with %q", len(found), texts)
	}
	return found[0], nil
}

// tokenScopes are those that the runbook asks for in the operator's token.
func (r runbook) tokenScopes() []string {
	var scopes []string
	_, section, _ := strings.Cut(r.text, "## API token")
	section, _, _ = strings.Cut(section, "```")
	for _, match := range scopePattern.FindAllStringSubmatch(section, -1) {
		scopes = append(scopes, match[1])
	}
	return scopes
}

// operate runs commands of the runbook as they stand, in the folder of the repository, where a person would.
func (s *stage) operate(input, folder string, blocks ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "bash", "-c", strings.Join(append([]string{"set -euo pipefail"}, blocks...), "\n"))
	command.Dir, command.Stdin = folder, strings.NewReader(input)
	command.Env = s.operatorEnvironment()
	output, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s\n%s", err, output, strings.Join(blocks, "\n"))
	}
	return string(output), err
}

func (s *stage) operatorEnvironment() []string {
	return []string{"PATH=" + filepath.Join(s.Folder, "tools") + ":" + os.Getenv("PATH"), "HOME=" + s.Folder, "KUBECONFIG=" + s.kubeconfig, "TMPDIR=" + os.TempDir()}
}

// makeTools puts kubectl where the runbook's commands find it. What asks a kubelet is answered by the one that is played.
func (s *stage) makeTools() error {
	folder := filepath.Join(s.Folder, "tools")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.Symlink(s.Programs["kubectl"], filepath.Join(folder, "kubectl"))
}

// values are what goes into a Secret: tokens with the scope that the runbook names, and no other.
func (s *stage) values(row secretRow, user string) (map[string]string, error) {
	token, err := s.gitea.token(user, row.scope)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, key := range row.keys {
		switch key {
		case "username":
			values[key] = user
		case "password", "token":
			values[key] = token
		case ".dockerconfigjson":
			auths := map[string]any{}
			for _, host := range row.hosts {
				auths[host] = map[string]string{"auth": s.secret(basic(user, token), "an entry of a Docker configuration")}
			}
			text, err := json.Marshal(map[string]any{"auths": auths})
			if err != nil {
				return nil, err
			}
			values[key] = string(text)
		default:
			return nil, fmt.Errorf("the runbook names key %q, and this play does not know what it is", key)
		}
	}
	return values, nil
}

// makeSecret makes a Secret, or makes it anew.
func (s *stage) makeSecret(row secretRow, values map[string]string) error {
	manifest, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"namespace": row.namespace, "name": row.name}, "type": row.kind, "stringData": values})
	if err != nil {
		return err
	}
	_, err = s.kubectlWith(string(manifest), "apply", "--server-side", "--force-conflicts", "-f", "-")
	return err
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}
