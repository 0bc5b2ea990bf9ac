#[hub_type]
pub struct Page<T, const N: usize> {
    items: Vec<T>,
}
