package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is the user that the server runs as.
type account struct {
	name       string
	credential *syscall.Credential // nil: the user of this program
}

// serverAccount returns the user of this program. PostgreSQL refuses to run as
// root; for root it returns the owner of existing data, or the user postgres, or
// else nobody.
func serverAccount(data string) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: userName(os.Geteuid())}, nil
	}
	if info, err := os.Lstat(data); err == nil && owner(info) != 0 {
		u, err := user.LookupId(strconv.Itoa(owner(info)))
		if err != nil {
			return account{}, fmt.Errorf("find the owner of %s: %w", data, err)
		}
		return asUser(u)
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return asUser(u)
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it: " +
		"create one, or start as an ordinary user")
}

func asUser(u *user.User) (account, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user %s: %w", u.Username, err)
	}
	return account{
		name:       u.Username,
		credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
	}, nil
}

// give makes the account the owner of path.
func (a account) give(path string) error {
	if a.credential == nil {
		return nil
	}
	return os.Lchown(path, int(a.credential.Uid), int(a.credential.Gid))
}

// owner returns the user id of a file's owner.
func owner(info os.FileInfo) int {
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}
