/* The tick of envs/rts in C, to measure the kernels against: the same phases, the same states.
 * benchmarks/rts.py writes the tables of envs/rts/rules.py above this text as constants and compiles it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NONE, BASE, BARRACKS, WORKER };
enum { WAIT, ATTACK, MOVE, GATHER, MAKE = GATHER };
enum { SLOTS = 32, UNITS = 64, PATCHES = 16, CELLS = 256, OPENING = 30, PATCH = UNITS + 1, WALL = 255 };

typedef struct {
    uint16_t tick, limit, total, lost, stock[2];
    uint8_t height, width, over;
    int8_t winner;
    uint8_t top[2], home[2], made[2][NUM_KINDS + 1], opening[2][OPENING];
    uint16_t ready[UNITS];
    uint8_t kind[UNITS], cell[UNITS], health[UNITS], load[UNITS];
    uint8_t patch_cell[PATCHES], patch_loads[PATCHES], grid[CELLS];
} Game;

typedef struct {
    uint8_t unit, verb, cell;
} Act;

static inline int distance(int a, int b) { return abs((a >> 4) - (b >> 4)) + abs((a & 15) - (b & 15)); }

static int bury(Game *g, uint8_t *hits) {
    int razed = 0;
    for (int side = 0; side < 2; side++) {
        for (int u = SLOTS * side; u < SLOTS * side + g->top[side]; u++) {
            if (!hits[u]) continue;
            if (hits[u] < g->health[u]) {
                g->health[u] -= hits[u];
            } else {
                razed |= g->kind[u] == BASE || g->kind[u] == BARRACKS;
                g->lost += g->load[u];
                g->grid[g->cell[u]] = 0;
                g->kind[u] = g->cell[u] = g->health[u] = g->load[u] = 0;
                g->ready[u] = 0;
            }
            hits[u] = 0;
        }
        while (g->top[side] && !g->kind[SLOTS * side + g->top[side] - 1]) g->top[side]--;
    }
    return razed;
}

static void take(Game *g, const Act *takers, int n) {
    uint8_t wanted[PATCHES][2] = {{0}};
    for (int i = 0; i < n; i++) wanted[g->grid[takers[i].cell] - PATCH][takers[i].unit / SLOTS]++;
    for (int i = 0; i < n; i++) {
        int u = takers[i].unit, patch = g->grid[takers[i].cell] - PATCH, side = u / SLOTS;
        int left = g->patch_loads[patch], other = wanted[patch][1 - side];
        if (!left || (other && wanted[patch][side] + other > left)) continue;
        wanted[patch][side]--;
        g->patch_loads[patch]--;
        g->load[u] = 1;
        g->ready[u] = g->tick + GATHER_TICKS;
    }
    for (int i = 0; i < n; i++) {
        int there = g->grid[takers[i].cell];
        if (there && !g->patch_loads[there - PATCH]) g->grid[takers[i].cell] = 0;
    }
}

static void make(Game *g, int maker, int cell, int kind) {
    int side = maker / SLOTS, slot = 0, num_made = 0;
    while (slot < g->top[side] && g->kind[SLOTS * side + slot]) slot++;
    if (g->stock[side] < COST[kind] || slot == SLOTS) return;
    int u = SLOTS * side + slot;
    g->stock[side] -= COST[kind];
    for (int k = 0; k < NUM_KINDS; k++) num_made += g->made[side][k];
    if (num_made < OPENING) g->opening[side][num_made] = kind;
    g->made[side][kind]++;
    if (g->top[side] < slot + 1) g->top[side] = slot + 1;
    g->kind[u] = kind, g->cell[u] = cell, g->health[u] = HEALTH[kind];
    g->grid[cell] = u + 1;
    g->ready[u] = g->ready[maker] = g->tick + MAKE_TICKS[kind];
}

static void judge(Game *g) {
    int worth[2] = {0, 0}, buildings[2] = {0, 0}, score;
    for (int u = 0; u < UNITS; u++) {
        worth[u / SLOTS] += COST[g->kind[u]];
        buildings[u / SLOTS] += g->kind[u] == BASE || g->kind[u] == BARRACKS;
    }
    if (!buildings[0] || !buildings[1])
        score = !!buildings[0] - !!buildings[1];
    else if (g->tick == g->limit)
        score = worth[0] - worth[1];
    else
        return;
    g->over = 1;
    g->winner = score > 0 ? 0 : score < 0 ? 1 : -1;
}

static void tick(Game *g, const int16_t *orders) {
    static __thread uint8_t hits[UNITS], claims[CELLS];
    Act acts[UNITS], takers[UNITS];
    int n = 0, num_takers = 0, num_claims = 0, struck = 0, razed;
    for (int side = 0; side < 2; side++)
        for (int u = SLOTS * side; u < SLOTS * side + g->top[side]; u++) {
            int order = orders[u], kind = g->kind[u];
            if (!order || !kind || g->ready[u] > g->tick) continue;
            int verb = order >> 5, argument = order & 31;
            if (verb == ATTACK) {
                int target = SLOTS * (1 - side) + argument;
                if (!g->kind[target] || distance(g->cell[u], g->cell[target]) > RANGE[kind]) continue;
                hits[target] += DAMAGE[kind][g->kind[target]];
                g->ready[u] = g->tick + ATTACK_TICKS[kind];
                struck = 1;
            } else if (verb >= MOVE && verb < MAKE + NUM_KINDS && argument < 4) {
                acts[n++] = (Act){u, verb, NEIGHBOUR[g->cell[u]][argument]};
            }
        }
    razed = struck && bury(g, hits);
    for (int i = 0; i < n; i++) {
        int u = acts[i].unit, there = g->grid[acts[i].cell];
        if (acts[i].verb != GATHER || g->kind[u] != WORKER) continue;
        if (!g->load[u] && there >= PATCH && there < WALL) {
            takers[num_takers++] = acts[i];
        } else if (g->load[u] && there > 0 && there < PATCH) {
            if (g->kind[there - 1] != BASE || (there - 1) / SLOTS != u / SLOTS) continue;
            g->load[u] = 0;
            g->stock[u / SLOTS]++;
            g->ready[u] = g->tick + GATHER_TICKS;
        }
    }
    if (num_takers) take(g, takers, num_takers);
    for (int i = 0; i < n; i++) {
        int u = acts[i].unit, kind = g->kind[u], made = acts[i].verb - MAKE;
        if (!kind || acts[i].verb == GATHER || g->grid[acts[i].cell]) continue;
        if (acts[i].verb == MOVE ? !MOVE_TICKS[kind] : !MAKES[kind][made] || COST[made] > g->stock[u / SLOTS]) continue;
        claims[acts[i].cell]++;
        acts[num_claims++] = acts[i];
    }
    for (int i = 0; i < num_claims; i++) {
        int u = acts[i].unit, cell = acts[i].cell;
        if (claims[cell] > 1) continue;
        if (acts[i].verb == MOVE) {
            g->grid[g->cell[u]] = 0;
            g->grid[cell] = u + 1;
            g->cell[u] = cell;
            g->ready[u] = g->tick + MOVE_TICKS[g->kind[u]];
        } else {
            make(g, u, cell, acts[i].verb - MAKE);
        }
    }
    for (int i = 0; i < num_claims; i++) claims[acts[i].cell] = 0;
    g->tick++;
    if (razed || g->tick == g->limit) judge(g);
}

void step(Game *games, const int16_t *orders, int64_t num_games) {
    for (int64_t i = 0; i < num_games; i++)
        if (!games[i].over) tick(games + i, orders + i * UNITS);
}
