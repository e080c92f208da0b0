# The Debian packages that the project needs, and how they are installed. To be sourced.

packages=(
  # to build
  g++ cmake ninja-build pkg-config
  # the library and the program
  libhwy-dev libfmt-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libssl-dev libmpfr-dev
  # the tests
  libgtest-dev libgmock-dev
  # 70,000 real images
  dataset-fashion-mnist
)

# Installs what is missing and says what; does not touch apt otherwise.
install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    if [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
      missing+=("$package")
    fi
  done
  if [[ ${#missing[@]} -eq 0 ]]; then
    echo "All ${#packages[@]} packages are installed."
    return
  fi
  local root=()
  if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
      echo "Missing packages: ${missing[*]}. Install them as root: apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    root=(sudo)
  fi
  echo "Installing: ${missing[*]}"
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# Configures and builds a preset of CMakePresets.json; more arguments go to the build.
build_preset() {
  local preset=$1
  shift
  echo "Building build/$preset"
  local log
  log=$(cmake --preset "$preset" 2>&1) || { echo "$log" >&2; return 1; }
  cmake --build --preset "$preset" "$@"
}
