//! The one-to-one matching of the greatest total worth (the Hungarian method with potentials, O(n³); Kuhn 1955, Munkres
//! 1957), which is what the judge's `linear_sum_assignment` does.

/// Pairs `(row, column)` of the matching of the greatest worth that pairs as many as it can, by row.
/// `worth` may have any shape.
pub fn assign(rows: usize, columns: usize, worth: impl Fn(usize, usize) -> f64) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = if rows > columns {
        let owner = owners(columns, rows, |column, row| -worth(row, column));
        owner.into_iter().enumerate().filter_map(|(row, column)| Some((row, column?))).collect()
    } else {
        let owner = owners(rows, columns, |row, column| -worth(row, column));
        owner.into_iter().enumerate().filter_map(|(column, row)| Some((row?, column))).collect()
    };
    pairs.sort_unstable();
    pairs
}

/// For each column the row that it goes to, at the least total cost; there are no more rows than columns. Rows and
/// columns count from 1 inside: 0 stands for none.
#[expect(clippy::indexing_slicing, reason = "every index is below the length of the table that it is of, by its loop")]
fn owners(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> f64) -> Vec<Option<usize>> {
    let (mut of_row, mut of_column) = (vec![0.0; rows + 1], vec![0.0; columns + 1]);
    let mut owner = vec![0_usize; columns + 1];
    for row in 1..=rows {
        let mut least = vec![f64::INFINITY; columns + 1];
        let mut before = vec![0_usize; columns + 1];
        let mut seen = vec![false; columns + 1];
        owner[0] = row;
        let mut column = 0;
        while owner[column] != 0 {
            seen[column] = true;
            let (at, mut step, mut next) = (owner[column], f64::INFINITY, 0);
            for j in 1..=columns {
                if seen[j] {
                    continue;
                }
                let reduced = cost(at - 1, j - 1) - of_row[at] - of_column[j];
                if reduced < least[j] {
                    least[j] = reduced;
                    before[j] = column;
                }
                if least[j] < step {
                    step = least[j];
                    next = j;
                }
            }
            for j in 0..=columns {
                if seen[j] {
                    of_row[owner[j]] += step;
                    of_column[j] -= step;
                } else {
                    least[j] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            owner[column] = owner[before[column]];
            column = before[column];
        }
    }
    owner.into_iter().skip(1).map(|row| row.checked_sub(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(table: &[&[f64]]) -> f64 {
        let columns = table.first().map_or(0, |row| row.len());
        assign(table.len(), columns, |r, c| table[r][c]).into_iter().map(|(r, c)| table[r][c]).sum()
    }

    #[test]
    fn the_greedy_choice_is_not_taken_where_another_is_worth_more() {
        let table: &[&[f64]] = &[&[10.0, 9.0], &[9.0, 1.0]];
        assert_eq!(assign(2, 2, |r, c| table[r][c]), [(0, 1), (1, 0)]);
    }

    #[test]
    fn any_shape() {
        assert_eq!(assign(0, 3, |_, _| 1.0), []);
        assert_eq!(assign(3, 0, |_, _| 1.0), []);
        assert_eq!(assign(1, 3, |_, c| c as f64), [(0, 2)]);
        assert_eq!(assign(3, 1, |r, _| -(r as f64)), [(0, 0)]);
    }

    /// Against trying all permutations, over tables from a small generator.
    #[test]
    fn no_permutation_is_worth_more() {
        let mut seed = 7_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((seed >> 33) % 8) as f64
        };
        for _ in 0..200 {
            let table: Vec<Vec<f64>> = (0..4).map(|_| (0..4).map(|_| next()).collect()).collect();
            let rows: Vec<&[f64]> = table.iter().map(Vec::as_slice).collect();
            let mut most = 0.0_f64;
            for code in 0..256_usize {
                let columns = [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6];
                if (0..4).all(|c| columns.contains(&c)) {
                    most = most.max((0..4).map(|r| rows[r][columns[r]]).sum());
                }
            }
            assert_eq!(best(&rows), most);
        }
    }
}
