#include "CDashboard.h"

static const unsigned char index_html[] = {
#embed "../XPMWeb/Dashboard/assets/index.html"
};
static const unsigned char style_css[] = {
#embed "../XPMWeb/Dashboard/assets/style.css"
};
static const unsigned char main_js[] = {
#embed "../XPMWeb/Dashboard/assets/main.js"
};
static const unsigned char icon_svg[] = {
#embed "../XPMWeb/Dashboard/assets/icon.svg"
};

#define SCRIPT "text/javascript; charset=utf-8"
#define STYLE "text/css; charset=utf-8"
#define ASSET(path, type, bytes) {path, type, bytes, sizeof bytes}

static const struct xpm_asset assets[] = {
    ASSET("/", "text/html; charset=utf-8", index_html),
    ASSET("/assets/style.css", STYLE, style_css),
    ASSET("/assets/main.js", SCRIPT, main_js),
    ASSET("/assets/icon.svg", "image/svg+xml", icon_svg),
};

const struct xpm_asset *xpm_dashboard_asset(size_t place) {
    return place < sizeof assets / sizeof assets[0] ? &assets[place] : NULL;
}
