package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// container is what a container runtime is told: a program, and what it sees of the world. The programs are those of this machine,
// laid under what the image adds; an image that a job has built is taken as it is.
type container struct {
	// Root is an empty folder.
	Root string
	// Layers are laid over this machine's /usr, topmost first.
	Layers []string
	// Image is the folder of an image that was pulled; it replaces the layers and this machine's programs.
	Image string
	// Files of the image's /etc, and folders that it has, each with its owner.
	Files   map[string]string
	Folders map[string]int

	Mounts      []mount
	Network     string
	Arguments   []string
	Environment []string
	Folder      string
	UID, GID    int
	Groups      []int
	ReadOnly    bool
	NoNewPrivs  bool
}

type mount struct {
	Source, Target string
	ReadOnly       bool
}

const containerCommand = "run-container"

// command is this program once more, which sets the container up from inside its namespaces and then becomes its program.
func (c container) command() (*exec.Cmd, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	command := exec.Command("/proc/self/exe", containerCommand, string(text))
	command.Env = []string{}
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC, Pdeathsig: syscall.SIGKILL, Setsid: true}
	return command, nil
}

// becomeContainer does not return.
func becomeContainer(text string) {
	runtime.LockOSThread()
	var c container
	err := json.Unmarshal([]byte(text), &c)
	if err == nil {
		err = c.become()
	}
	fmt.Fprintln(os.Stderr, "container:", err)
	os.Exit(127)
}

func (c container) become() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := c.makeRoot(); err != nil {
		return err
	}
	if err := c.joinNetwork(); err != nil {
		return err
	}
	if err := c.enterRoot(); err != nil {
		return err
	}
	return c.exec()
}

func (c container) makeRoot() error {
	if err := syscall.Mount("tmpfs", c.Root, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("root: %w", err)
	}
	if c.Image != "" {
		if err := os.CopyFS(c.Root, os.DirFS(c.Image)); err != nil {
			return err
		}
	} else if err := c.makeUsr(); err != nil {
		return err
	}
	for _, folder := range []string{"tmp", "proc", "dev", "sys", "run", "etc", "var", "root"} {
		if err := os.MkdirAll(filepath.Join(c.Root, folder), 0o755); err != nil {
			return err
		}
	}
	for folder, owner := range c.Folders {
		if err := makeOwned(c.Root, folder, owner); err != nil {
			return err
		}
	}
	if err := os.Chmod(filepath.Join(c.Root, "tmp"), os.ModeSticky|0o777); err != nil {
		return err
	}
	for name, text := range c.Files {
		file := filepath.Join(c.Root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	if err := syscall.Mount("proc", filepath.Join(c.Root, "proc"), "proc", 0, ""); err != nil {
		return fmt.Errorf("proc: %w", err)
	}
	mounts := []mount{{"/sys", "/sys", true}}
	for _, device := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		mounts = append(mounts, mount{"/dev/" + device, "/dev/" + device, false})
	}
	for _, m := range append(mounts, c.Mounts...) {
		if err := c.mount(m); err != nil {
			return fmt.Errorf("%s: %w", m.Target, err)
		}
	}
	_ = os.Symlink("/proc/self/fd", filepath.Join(c.Root, "dev/fd"))
	return nil
}

// makeUsr lays the image's programs over this machine's. A whiteout in a layer takes one of them away.
func (c container) makeUsr() error {
	usr := filepath.Join(c.Root, "usr")
	if err := os.Mkdir(usr, 0o755); err != nil {
		return err
	}
	if err := syscall.Mount("overlay", usr, "overlay", syscall.MS_RDONLY, "lowerdir="+strings.Join(append(c.Layers, "/usr"), ":")); err != nil {
		return fmt.Errorf("usr: %w", err)
	}
	for _, name := range []string{"bin", "sbin", "lib", "lib64"} {
		if target, err := os.Readlink("/" + name); err == nil {
			if err := os.Symlink(target, filepath.Join(c.Root, name)); err != nil {
				return err
			}
		}
	}
	for _, path := range []string{"/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl", "/etc/nsswitch.conf"} {
		if err := c.mount(mount{path, path, true}); err != nil {
			return err
		}
	}
	return nil
}

func makeOwned(root, folder string, owner int) error {
	path := filepath.Join(root, folder)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return os.Chown(path, owner, owner)
}

func (c container) mount(m mount) error {
	info, err := os.Stat(m.Source)
	if err != nil {
		return err
	}
	target := filepath.Join(c.Root, m.Target)
	if info.IsDir() {
		err = os.MkdirAll(target, 0o755)
	} else if err = os.MkdirAll(filepath.Dir(target), 0o755); err == nil && !exists(target) {
		var file *os.File
		if file, err = os.OpenFile(target, os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
			err = file.Close()
		}
	}
	if err != nil {
		return err
	}
	if err := syscall.Mount(m.Source, target, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		return err
	}
	if m.ReadOnly {
		return syscall.Mount("", target, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
	}
	return nil
}

// joinNetwork enters the pod's network: this thread, which is the one that becomes the program.
func (c container) joinNetwork() error {
	file, err := os.Open(c.Network)
	if err != nil {
		return err
	}
	defer file.Close()
	return unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
}

func (c container) enterRoot() error {
	if err := os.Chdir(c.Root); err != nil {
		return err
	}
	if err := syscall.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot: %w", err)
	}
	if err := syscall.Unmount(".", syscall.MNT_DETACH); err != nil {
		return err
	}
	if c.ReadOnly {
		if err := syscall.Mount("", "/", "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			return fmt.Errorf("read-only: %w", err)
		}
	}
	folder := c.Folder
	if folder == "" {
		folder = "/"
	}
	return os.Chdir(folder)
}

func (c container) exec() error {
	for _, entry := range c.Environment {
		name, value, _ := strings.Cut(entry, "=")
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	path, err := exec.LookPath(c.Arguments[0])
	if err != nil {
		return err
	}
	if err := errors.Join(syscall.Setgroups(c.Groups), syscall.Setgid(c.GID), syscall.Setuid(c.UID)); err != nil {
		return fmt.Errorf("user: %w", err)
	}
	if c.NoNewPrivs {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	return syscall.Exec(path, c.Arguments, c.Environment)
}

// authorityBundle is where a machine keeps the authorities that it trusts.
const authorityBundle = "/etc/ssl/certs/ca-certificates.crt"

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
